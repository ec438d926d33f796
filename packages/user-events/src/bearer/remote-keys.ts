import type { JWTVerifyGetKey } from 'jose'
import { createLocalJWKSet, createRemoteJWKSet, customFetch, errors } from 'jose'

/** The keys cannot be fetched, so the token cannot be checked. Answer 503, not 401. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable'
}

export type Fetch = (url: string, options: RequestInit) => Promise<Response>

const CACHE_MS = 600_000
const GRACE_MS = 3_600_000
const BETWEEN_FAILURES_MS = 30_000

/**
 * The keys at a URL. They are fetched when first needed, again after ten minutes, and for an unknown key id, at most twice a
 * minute. While they cannot be fetched, the keys of the last hour are used, and no call waits for another attempt.
 * @throws KeysUnavailable
 */
export const makeRemoteKeys = (
  url: URL,
  fetchKeys: Fetch,
  nowMs = () => performance.now(),
): JWTVerifyGetKey => {
  let fetchedAtMs = Number.NEGATIVE_INFINITY
  let failedAtMs = Number.NEGATIVE_INFINITY
  const remote = createRemoteJWKSet(url, {
    cacheMaxAge: CACHE_MS,
    [customFetch]: async (...request) => {
      const response = await fetchKeys(...request)
      if (response.ok) fetchedAtMs = nowMs()
      return response
    },
  })
  const known = () => (nowMs() - fetchedAtMs < GRACE_MS ? remote.jwks() : undefined)

  return async (header, token) => {
    const keys = known()
    if (keys !== undefined && nowMs() - failedAtMs < BETWEEN_FAILURES_MS)
      return createLocalJWKSet(keys)(header, token)
    try {
      return await remote(header, token)
    } catch (cause) {
      if (cause instanceof errors.JWKSNoMatchingKey) throw cause
      failedAtMs = nowMs()
      const kept = known()
      if (kept !== undefined) return createLocalJWKSet(kept)(header, token)
      throw new KeysUnavailable('the keys of the service cannot be fetched', { cause })
    }
  }
}
