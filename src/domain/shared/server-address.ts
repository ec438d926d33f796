import type { Result } from './result.ts'
import { fail, ok } from './result.ts'

/** A server as an address names it: a name, an IP address without brackets, or the path of a Unix socket. */
export type NamedHost = { readonly name: string; readonly port: number | null }

/** The address of one or several servers, taken apart. Everything is decoded. */
export type ServerAddress = {
  /** In lower case, without the colon. */
  readonly scheme: string
  readonly user: string | null
  readonly password: string | null
  /** In their order; none where the address names no host. */
  readonly hosts: readonly NamedHost[]
  /** Without the slash at its beginning. */
  readonly path: string
  /** The last value of each parameter of the query. */
  readonly parameters: ReadonlyMap<string, string>
}

/**
 * Takes apart `scheme://user:password@host:port,host:port/path?name=value`, the form that libpq reads (PostgreSQL 18 §32.1.1.2).
 * It is not the form of the URL standard: there may be several hosts, `#` has no meaning, and a `%` that begins no escape stands
 * for itself, because people paste passwords as they are. A refusal never contains a part of the text.
 */
export const parseServerAddress = (
  given: string,
  schemes: readonly string[],
): Result<ServerAddress, string> => {
  const text = given.trim()
  const scheme = /^([a-z][a-z\d+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase() ?? ''
  if (!schemes.includes(scheme))
    return fail(`must begin with ${schemes.map((known) => `${known}://`).join(' or ')}`)
  if (/\p{Cc}/u.test(text)) return fail('must be one line without control characters')
  const rest = text.slice(scheme.length + '://'.length)
  const [, authority = '', path = '', query = ''] = /^([^/?]*)\/?([^?]*)\??(.*)$/u.exec(rest) ?? []
  const at = authority.lastIndexOf('@')
  if (at === -1 && path.includes('@')) return fail(UNESCAPED)
  const [user, password] = at === -1 ? [null, null] : credentialsOf(authority.slice(0, at))
  const hosts = parseHosts(authority.slice(at + 1))
  return hosts.ok
    ? ok({
        scheme,
        user,
        password,
        hosts: hosts.value,
        path: unescaped(path),
        parameters: parametersOf(query),
      })
    : hosts
}

const UNESCAPED = 'must have / and ? in a user name or password written as %2F and %3F'

const credentialsOf = (text: string): readonly [string, string | null] => {
  const colon = text.indexOf(':')
  return colon === -1
    ? [unescaped(text), null]
    : [unescaped(text.slice(0, colon)), unescaped(text.slice(colon + 1))]
}

/** Reads `host:port`, comma-separated; none where the text is empty. */
export const parseHosts = (text: string): Result<readonly NamedHost[], string> => {
  if (text === '') return ok([])
  const hosts: NamedHost[] = []
  for (const part of text.split(',')) {
    const host = parseHost(part.trim())
    if (!host.ok) return host
    hosts.push(host.value)
  }
  return ok(hosts)
}

const parseHost = (text: string): Result<NamedHost, string> => {
  const [, six, plain = '', port = ''] = /^(?:\[([^\]]*)\]|([^:]*))(?::(.*))?$/.exec(text) ?? []
  if (port.includes(':')) return fail('must have an IPv6 address in brackets, like [2001:db8::1]')
  const parsedPort = parsePort(port)
  if (!parsedPort.ok) return parsedPort
  const name = unescaped(six ?? plain)
  const isHost =
    six === undefined
      ? name.startsWith('/') || /^[\p{L}\p{N}_.-]{1,253}$/u.test(name)
      : /^[\da-f:.]{2,45}(?:%\w+)?$/i.test(name) && name.includes(':')
  return isHost
    ? ok({ name, port: parsedPort.value })
    : fail('must name a host: letters, digits, dots and hyphens, or an IPv6 address in brackets')
}

/** Reads the number of a port; null for none. */
export const parsePort = (text: string): Result<number | null, string> => {
  if (text === '') return ok(null)
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  return port >= 1 && port <= 65_535
    ? ok(port)
    : fail('must have a port from 1 to 65535; / and ? in a password are written as %2F and %3F')
}

const parametersOf = (query: string): ReadonlyMap<string, string> =>
  new Map(
    query
      .split('&')
      .filter((part) => part !== '')
      .map((part) => {
        const [name = '', ...value] = part.split('=')
        return [unescaped(name), unescaped(value.join('='))]
      }),
  )

/** The text with its escapes replaced. What is no escape of UTF-8 stays as it is. */
const unescaped = (text: string): string =>
  text.replace(/(?:%[\da-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes)
    } catch {
      return escapes
    }
  })

/** A host and its port as people and URLs write them: an IPv6 address is in brackets. */
export const shownHost = (host: string, port: number): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`
