/** Where a sign-in may return to. `loopback`: any path on any port of localhost and 127.0.0.1. */
export type RedirectUris = readonly string[] | 'loopback'

const LONGEST = 2048
const LOOPBACK = /^(http:\/\/(?:localhost|127\.0\.0\.1|\[::1\]))(?::([1-9]\d{0,4}))?(?=[/?]|$)/
const LAST_PORT = 65_535

/**
 * True for an address that is registered, character for character (RFC 9700 §2.1). Only the port of a loopback address
 * may be another one: a native app takes what the system gives it (RFC 8252 §7.3).
 */
export const isRegistered = (registered: RedirectUris, uri: string): boolean => {
  if (uri.length > LONGEST) return false
  if (registered === 'loopback') return isOrdinaryLoopback(uri)
  return registered.some(
    (each) =>
      each === uri || (withoutPort(each) !== null && withoutPort(each) === withoutPort(uri)),
  )
}

/** The answer goes into the query; a registered address has no fragment that would come in between. */
export const withAnswer = (uri: string, answer: Readonly<Record<string, string>>): string =>
  `${uri}${uri.includes('?') ? '&' : '?'}${new URLSearchParams(answer)}`

const withoutPort = (uri: string): string | null => {
  const [whole, origin, port = '1'] = LOOPBACK.exec(uri) ?? []
  return whole === undefined || origin === undefined || Number(port) > LAST_PORT
    ? null
    : `${origin}${uri.slice(whole.length)}`
}

// Written as the URL standard writes it, so no `..`, no backslash, no control character and no fragment.
const isOrdinaryLoopback = (uri: string): boolean =>
  withoutPort(uri) !== null &&
  !uri.startsWith('http://[') &&
  !uri.includes('#') &&
  URL.canParse(uri) &&
  [uri, `${uri}/`].includes(new URL(uri).href)
