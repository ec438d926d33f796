import type { JWK, JWTVerifyGetKey } from 'jose'
import { createLocalJWKSet, errors, importJWK } from 'jose'

/** The keys cannot be fetched, so the token cannot be checked. Answer 503, not 401. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable'
}

export type Fetch = (url: string, options: RequestInit) => Promise<Response>

type Keys = { readonly keyOf: JWTVerifyGetKey; readonly fetchedAtMs: number }

const CACHE_MS = 600_000
const GRACE_MS = 3_600_000
/** While there are keys, neither failures nor unknown key ids cause more than two fetches a minute. */
const BETWEEN_FETCHES_MS = 30_000
/** Without keys every token is refused, so the next attempt comes sooner. */
const BETWEEN_FETCHES_WITHOUT_KEYS_MS = 5000
const FETCH_TIMEOUT_MS = 5000
const LARGEST_SET_BYTES = 65_536
const ALGORITHM = 'ES256'

/**
 * The keys at a URL. They are fetched when first needed, again after ten minutes, and for an unknown key id, at most twice a
 * minute. While they cannot be fetched, the keys of the last hour are used, and no call waits for another attempt. Only an
 * answer with status 200 that is a JWK set (RFC 7517 §5) with a public ES256 key counts as fetched. Without keys there is one
 * fetch at a time, and none for five seconds after a failure.
 * @throws KeysUnavailable
 */
export const makeRemoteKeys = (
  url: URL,
  fetchKeys: Fetch,
  nowMs = () => performance.now(),
): JWTVerifyGetKey => {
  let kept: Keys | null = null
  let fetching: Promise<Keys> | null = null
  let failedAtMs = Number.NEGATIVE_INFINITY
  let failure: unknown

  const ageMs = () => (kept === null ? Number.POSITIVE_INFINITY : nowMs() - kept.fetchedAtMs)
  const usable = () => (ageMs() < GRACE_MS ? kept : null)
  const isCoolingDown = () =>
    nowMs() - failedAtMs <
    (usable() === null ? BETWEEN_FETCHES_WITHOUT_KEYS_MS : BETWEEN_FETCHES_MS)

  const fetchOnce = (): Promise<Keys> => {
    fetching ??= (async () => {
      try {
        const keyOf = await fetchKeySet(url, fetchKeys)
        kept = { keyOf, fetchedAtMs: nowMs() }
        return kept
      } catch (cause) {
        failedAtMs = nowMs()
        failure = cause
        throw cause
      } finally {
        fetching = null
      }
    })()
    return fetching
  }

  /** Fetches the keys, unless that has just failed. Keys of the last hour stand in for a failed fetch. */
  const fetchOrKept = async (): Promise<Keys> => {
    if (fetching !== null || !isCoolingDown()) await fetchOnce().catch(() => undefined)
    const keys = usable()
    if (keys !== null) return keys
    throw new KeysUnavailable('the keys of the service cannot be fetched', { cause: failure })
  }

  return async (header, token) => {
    const keys = kept !== null && ageMs() < CACHE_MS ? kept : await fetchOrKept()
    try {
      return await keys.keyOf(header, token)
    } catch (fault) {
      const isUnknown = fault instanceof errors.JWKSNoMatchingKey
      if (!isUnknown || ageMs() < BETWEEN_FETCHES_MS) throw fault
      return (await fetchOrKept()).keyOf(header, token)
    }
  }
}

/** @throws when the answer is no key set, is larger than 64 KiB, or is not complete within five seconds. */
const fetchKeySet = async (url: URL, fetchKeys: Fetch): Promise<JWTVerifyGetKey> => {
  const timeout = new AbortController()
  // The timer ends the attempt even when the caller's own `fetch` ignores the signal.
  const late = new Promise<never>((_, reject) => {
    timeout.signal.addEventListener('abort', () =>
      reject(new Error(`no complete answer within ${FETCH_TIMEOUT_MS} ms`)),
    )
  })
  const timer = setTimeout(() => timeout.abort(), FETCH_TIMEOUT_MS)
  try {
    return await Promise.race([requestKeySet(url, fetchKeys, timeout.signal), late])
  } finally {
    clearTimeout(timer)
  }
}

const requestKeySet = async (
  url: URL,
  fetchKeys: Fetch,
  signal: AbortSignal,
): Promise<JWTVerifyGetKey> => {
  const response = await fetchKeys(url.href, {
    method: 'GET',
    headers: { accept: 'application/jwk-set+json, application/json' },
    redirect: 'manual',
    signal,
  })
  if (response.status !== 200) {
    response.body?.cancel().catch(() => undefined)
    throw new Error(`the answer has status ${response.status}`)
  }
  return parseKeySet(await readText(response))
}

/** The body, at most 64 KiB after decompression, whatever Content-Length says. */
const readText = async (response: Response): Promise<string> => {
  const reader = response.body?.getReader()
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let text = ''
  let bytes = 0
  for (let next = await reader?.read(); next?.value !== undefined; next = await reader?.read()) {
    bytes += next.value.byteLength
    if (bytes > LARGEST_SET_BYTES) {
      reader?.cancel().catch(() => undefined)
      throw new Error('the answer is larger than 64 KiB')
    }
    text += decoder.decode(next.value, { stream: true })
  }
  return text + decoder.decode()
}

/** The usable keys of a set. Members that cannot be used are ignored (RFC 7517 §5), but one key must remain. */
const parseKeySet = async (text: string): Promise<JWTVerifyGetKey> => {
  const set: unknown = JSON.parse(text)
  const members: unknown =
    typeof set === 'object' && set !== null && 'keys' in set ? set.keys : undefined
  if (!Array.isArray(members)) throw new Error('the answer is no JWK set')
  const keys: JWK[] = []
  for (const member of members) if (await isUsable(member)) keys.push(member)
  if (keys.length === 0) throw new Error('the JWK set has no public ES256 key')
  return createLocalJWKSet({ keys })
}

const isUsable = async (member: unknown): Promise<boolean> => {
  if (typeof member !== 'object' || member === null) return false
  const { kty, alg = ALGORITHM, use = 'sig' }: JWK = member
  if (kty !== 'EC' || alg !== ALGORITHM || use !== 'sig') return false
  try {
    const key = await importJWK(member, ALGORITHM)
    return !(key instanceof Uint8Array) && key.type === 'public'
  } catch {
    return false
  }
}
