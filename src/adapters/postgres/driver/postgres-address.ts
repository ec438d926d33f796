import type { Result } from '../../../domain/shared/result.ts'
import { fail, ok } from '../../../domain/shared/result.ts'
import type { NamedHost } from '../../../domain/shared/server-address.ts'
import {
  parseHosts,
  parsePort,
  parseServerAddress,
  shownHost,
} from '../../../domain/shared/server-address.ts'

/** How the connection to a server is encrypted; the modes are those of libpq, `allow` is `prefer`. */
export type PostgresTls = {
  readonly mode: 'disable' | 'prefer' | 'require' | 'verify-ca' | 'verify-full'
  /** TLS from the first byte (`sslnegotiation=direct`), which PostgreSQL 17 and newer understand. */
  readonly isDirect: boolean
  /** Paths of files. They are read at each connection, so that a renewed file needs no restart. */
  readonly files: Readonly<Partial<Record<'sslrootcert' | 'sslcert' | 'sslkey', string>>>
  /** Of the file `sslkey`. */
  readonly passphrase: string | null
}

/** Where a PostgreSQL server is, and who connects to which database there. */
export type PostgresAddress = {
  /** Tried in their order. `host` is a name, an IP address, or the folder of a Unix socket, which is always alone. */
  readonly hosts: readonly { readonly host: string; readonly port: number }[]
  readonly user: string | null
  readonly password: string | null
  /** Null: the one with the name of the user. */
  readonly database: string | null
  readonly tls: PostgresTls
  /** The first server with this property is used; null for the first that answers. */
  readonly target: 'read-write' | 'primary' | null
  /** Options for the server process, such as `endpoint=…`. */
  readonly options: string | null
  /** The parameters that have no effect. */
  readonly ignored: readonly string[]
}

/** Reads the address of a PostgreSQL server as libpq does (PostgreSQL 18 §32.1). The refusal never contains a part of it. */
export const readPostgresAddress = (text: string): Result<PostgresAddress, string> => {
  const parsed = parseServerAddress(text, ['postgres', 'postgresql'])
  if (!parsed.ok) return parsed
  const { user, password, path, parameters } = parsed.value
  const take = (name: string): string | null => parameters.get(name) || null
  const hosts = readHosts(parsed.value.hosts, take('host') ?? take('hostaddr'), take('port'))
  if (!hosts.ok) return hosts
  const tls = readTls(take)
  if (!tls.ok) return tls
  const target = take('target_session_attrs') ?? 'any'
  if (target !== 'any' && target !== 'read-write' && target !== 'primary')
    return fail('must have target_session_attrs any, read-write or primary: the service writes')
  return ok({
    hosts: hosts.value,
    user: take('user') ?? user,
    password: take('password') ?? password,
    database: take('dbname') ?? (path === '' ? null : path),
    tls: isSocket(hosts.value[0]?.host) ? { ...tls.value, mode: 'disable' } : tls.value,
    target: target === 'any' ? null : target,
    options: take('options'),
    ignored: [...parameters.keys()].filter((name) => !UNDERSTOOD.has(name)),
  })
}

/** Every name that this file looks up. */
const UNDERSTOOD: ReadonlySet<string> = new Set([
  'host',
  'hostaddr',
  'port',
  'user',
  'password',
  'dbname',
  'options',
  'ssl',
  'sslmode',
  'sslnegotiation',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'sslpassword',
  'target_session_attrs',
])

const DEFAULT_PORT = 5432

type Hosts = PostgresAddress['hosts']

/** The parameters `host` and `port` stand before the hosts of the address. Each may be a list. */
const readHosts = (
  own: readonly NamedHost[],
  hostParameter: string | null,
  portParameter: string | null,
): Result<Hosts, string> => {
  const given = hostParameter === null ? ok(own) : parseHosts(hostParameter)
  if (!given.ok) return given
  const named = given.value.length > 0 ? given.value : [{ name: 'localhost', port: null }]
  const ports = portParameter?.split(',') ?? []
  const hosts: Hosts[number][] = []
  for (const [index, { name, port }] of named.entries()) {
    const parsed = parsePort(ports[ports.length === 1 ? 0 : index] ?? '')
    if (!parsed.ok) return parsed
    hosts.push({ host: name, port: parsed.value ?? port ?? DEFAULT_PORT })
  }
  return hosts.length > 1 && hosts.some(({ host }) => isSocket(host))
    ? fail('must not name other servers beside a Unix socket')
    : ok(hosts)
}

const MODES = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full'] as const
const OTHER_NAMES: Readonly<Record<string, (typeof MODES)[number]>> = {
  allow: 'prefer',
  'no-verify': 'require',
  false: 'disable',
  '0': 'disable',
  true: 'verify-full',
  '1': 'verify-full',
}

const readTls = (take: (name: string) => string | null): Result<PostgresTls, string> => {
  const [rootCertificate, given] = [take('sslrootcert'), take('sslmode') ?? take('ssl')]
  const usesSystemCertificates = rootCertificate === 'system'
  const name = given ?? (usesSystemCertificates ? 'verify-full' : 'disable')
  const mode = MODES.find((known) => known === name) ?? OTHER_NAMES[name]
  if (mode === undefined) return fail(`must have sslmode ${MODES.join(', ')} or allow`)
  if (usesSystemCertificates && mode !== 'verify-full')
    return fail('must have sslmode verify-full with sslrootcert=system')
  const [certificate, key] = [take('sslcert'), take('sslkey')]
  if ((certificate === null) !== (key === null))
    return fail('must have sslcert and sslkey together')
  const verifiesAuthority = rootCertificate !== null && !usesSystemCertificates
  return ok({
    // With a certificate of an authority, libpq takes `require` for `verify-ca`.
    mode: mode === 'require' && verifiesAuthority ? 'verify-ca' : mode,
    isDirect: take('sslnegotiation') === 'direct',
    files: {
      ...(verifiesAuthority && { sslrootcert: rootCertificate }),
      ...(certificate !== null && key !== null && { sslcert: certificate, sslkey: key }),
    },
    passphrase: take('sslpassword'),
  })
}

/** Whether a host is the folder of a Unix socket. */
export const isSocket = (host: string | undefined): boolean => host?.startsWith('/') === true

/** The servers and the database without user, password and parameters, for messages. */
export const shownPostgres = ({ hosts, database }: PostgresAddress): string =>
  `${hosts.map(({ host, port }) => shownHost(host, port)).join(',')}/${database ?? ''}`
