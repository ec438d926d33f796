/** Which browsers' pages may read the answers. `loopback`: any port of localhost and 127.0.0.1. */
export type CorsOrigins = readonly string[] | 'loopback'

export type CrossOrigin = {
  /** True for an origin that is listed exactly; never for `null`. */
  isListed(origin: string | null): boolean
  /** Adds what this origin may see to an answer. */
  apply(origin: string | null, headers: Headers): void
  /** What a preflight is told, beside `apply`. */
  readonly preflight: Readonly<Record<string, string>>
}

const LOOPBACK = /^http:\/\/(?:localhost|127\.0\.0\.1)(?::[1-9][0-9]{0,4})?$/
const PREFLIGHT = {
  'access-control-allow-headers':
    'authorization, content-type, idempotency-key, if-match, traceparent',
  'access-control-max-age': '600',
}

export const makeCrossOrigin = (origins: CorsOrigins): CrossOrigin => {
  const listed = origins === 'loopback' ? null : new Set(origins)
  const isListed = (origin: string | null): origin is string =>
    origin !== null &&
    (listed === null ? LOOPBACK.test(origin) : listed.has(origin)) &&
    origin !== 'null'
  return {
    isListed,
    apply: (origin, headers) => {
      if (listed?.size === 0) return
      // Also on answers to others: a cache must not give one origin's answer to another.
      headers.append('vary', 'Origin')
      if (!isListed(origin)) return
      headers.set('access-control-allow-origin', origin)
      headers.set('access-control-allow-credentials', 'true')
      headers.set(
        'access-control-expose-headers',
        'ETag, Retry-After, WWW-Authenticate, X-Trace-Id',
      )
    },
    preflight: PREFLIGHT,
  }
}
