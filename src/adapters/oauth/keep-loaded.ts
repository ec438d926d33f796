import type { Monotonic } from '../../ports/driven/shared/monotonic.ts'
import type { Call } from './call.ts'

export type Loaded<T> = {
  /** What is kept; loads it when nothing is, or when it has grown old. @throws when there is nothing to give. */
  get(call: Call): Promise<T>
  /** Loads anew, unless that was tried a moment ago. Never throws for what is kept already. */
  renew(call: Call): Promise<T>
}

const FRESH_MS = 3_600_000
/** A provider that is away is believed for a day what it said before. */
const TRUSTED_MS = 24 * FRESH_MS
/** Whoever sends unknown key ids makes us ask this often, and no more. */
const COOL_DOWN_MS = 30_000

/** Keeps a document of a provider: one load serves all who wait for it, and an outage does not take it away. */
export const keepLoaded = <T>(load: (call: Call) => Promise<T>, now: Monotonic): Loaded<T> => {
  let kept: { readonly value: T; readonly at: number } | null = null
  let loading: Promise<T> | null = null
  let triedAt = Number.NEGATIVE_INFINITY

  const loadOnce = (call: Call): Promise<T> => {
    loading ??= (async () => {
      triedAt = now()
      try {
        const value = await load(call)
        kept = { value, at: now() }
        return value
      } finally {
        loading = null
      }
    })()
    return loading
  }

  const orKept = async (loaded: Promise<T>): Promise<T> => {
    try {
      return await loaded
    } catch (fault) {
      if (kept === null || now() - kept.at > TRUSTED_MS) throw fault
      return kept.value
    }
  }

  const isCoolingDown = () => now() - triedAt < COOL_DOWN_MS

  return {
    get: (call) => {
      if (kept === null) return loadOnce(call)
      if (now() - kept.at < FRESH_MS) return Promise.resolve(kept.value)
      return isCoolingDown() && now() - kept.at <= TRUSTED_MS
        ? Promise.resolve(kept.value)
        : orKept(loadOnce(call))
    },
    renew: (call) => {
      if (loading !== null) return orKept(loading)
      return kept !== null && isCoolingDown() ? Promise.resolve(kept.value) : orKept(loadOnce(call))
    },
  }
}
