import type { Monotonic } from '../../ports/driven/shared/clock.ts'
import type { Call } from './call.ts'

export type DocumentCache<T> = {
  /**
   * The cached document; loads it when there is none or when it is older than an hour. Without a document, none is loaded for
   * two seconds after a failure. @throws when there is none to give.
   */
  get(call: Call): Promise<T>
  /** Loads the document again, unless that was tried within the last 30 s. Does not throw while a document is cached. */
  refresh(call: Call): Promise<T>
}

const FRESH_MS = 3_600_000
/** While a provider is down, its document is used for up to a day. */
const MAXIMUM_AGE_MS = 24 * FRESH_MS
/** Tokens with unknown key ids cannot make this service ask more often. */
const COOL_DOWN_MS = 30_000
/** Without a document nobody can sign in, so the next attempt comes sooner. */
const COOL_DOWN_WITHOUT_DOCUMENT_MS = 2000

/** Caches a document of a provider: one load serves all who wait for it, and the document outlives an outage. */
export const makeDocumentCache = <T>(
  load: (call: Call) => Promise<T>,
  now: Monotonic,
): DocumentCache<T> => {
  let cached: { readonly value: T; readonly at: number } | null = null
  let loading: Promise<T> | null = null
  let triedAt = Number.NEGATIVE_INFINITY
  let failure: unknown
  let failedAt = Number.NEGATIVE_INFINITY

  const loadOnce = (call: Call): Promise<T> => {
    loading ??= (async () => {
      triedAt = now()
      try {
        const value = await load(call)
        cached = { value, at: now() }
        return value
      } catch (fault) {
        failure = fault
        failedAt = now()
        throw fault
      } finally {
        loading = null
      }
    })()
    return loading
  }

  const orCached = async (loaded: Promise<T>): Promise<T> => {
    try {
      return await loaded
    } catch (fault) {
      if (cached === null || now() - cached.at > MAXIMUM_AGE_MS) throw fault
      return cached.value
    }
  }

  const isCoolingDown = () => now() - triedAt < COOL_DOWN_MS

  return {
    get: async (call) => {
      const ageMs = cached === null ? Number.POSITIVE_INFINITY : now() - cached.at
      if (cached === null || ageMs > MAXIMUM_AGE_MS) {
        if (loading === null && now() - failedAt < COOL_DOWN_WITHOUT_DOCUMENT_MS) throw failure
        return loadOnce(call)
      }
      return ageMs < FRESH_MS || isCoolingDown() ? cached.value : orCached(loadOnce(call))
    },
    refresh: (call) => {
      if (loading !== null) return orCached(loading)
      return cached !== null && isCoolingDown()
        ? Promise.resolve(cached.value)
        : orCached(loadOnce(call))
    },
  }
}
