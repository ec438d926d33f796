/** The registered redirect URIs. `loopback`: any path on any port of localhost and 127.0.0.1. */
export type RedirectUris = readonly string[] | 'loopback'

/** In UTF-16 units. */
export const REDIRECT_URI_MAXIMUM = 2048
const LOOPBACK = /^(http:\/\/(?:localhost|127\.0\.0\.1|\[::1\]))(?::([1-9]\d{0,4}))?(?=[/?]|$)/
const MAXIMUM_PORT = 65_535

/**
 * True for a URI that is registered character for character (RFC 9700 §2.1). Only the port of a loopback URI may differ,
 * because a native app takes the port that the system gives it (RFC 8252 §7.3). False for more than 2048 characters.
 */
export const isRegistered = (registered: RedirectUris, uri: string): boolean => {
  if (uri.length > REDIRECT_URI_MAXIMUM) return false
  if (registered === 'loopback') return isNormalizedLoopback(uri)
  return registered.some(
    (each) =>
      each === uri || (withoutPort(each) !== null && withoutPort(each) === withoutPort(uri)),
  )
}

/** Adds parameters to the query of a registered URI. Registered URIs have no fragment. */
export const withParameters = (uri: string, parameters: Readonly<Record<string, string>>): string =>
  `${uri}${uri.includes('?') ? '&' : '?'}${new URLSearchParams(parameters)}`

const withoutPort = (uri: string): string | null => {
  const [whole, origin, port = '1'] = LOOPBACK.exec(uri) ?? []
  return whole === undefined || origin === undefined || Number(port) > MAXIMUM_PORT
    ? null
    : `${origin}${uri.slice(whole.length)}`
}

// The URI is as the URL standard writes it: without `..`, backslash, control character or fragment.
const isNormalizedLoopback = (uri: string): boolean =>
  withoutPort(uri) !== null &&
  !uri.startsWith('http://[') &&
  !uri.includes('#') &&
  URL.canParse(uri) &&
  [uri, `${uri}/`].includes(new URL(uri).href)
