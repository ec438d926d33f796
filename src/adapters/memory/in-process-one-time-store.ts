import { randomBytes } from 'node:crypto'
import type { OneTimeStore } from '../../ports/driven/oauth/one-time-store.ts'
import type { Monotonic } from '../../ports/driven/shared/clock.ts'

export type InProcessOneTimeStore<T> = OneTimeStore<T> & {
  /** Removes what has expired, and answers how many entries that were. Call it every minute. */
  sweep(): number
}

const KEY_BYTES = 32

/** A one-time store in the memory of this process. The clock is monotonic. */
export const makeInProcessOneTimeStore = <T>(
  lifeSeconds: number,
  now: Monotonic = () => performance.now(),
): InProcessOneTimeStore<T> => {
  const things = new Map<string, { readonly thing: T; readonly until: number }>()
  return {
    keep: async (thing) => {
      const key = randomBytes(KEY_BYTES).toString('base64url')
      things.set(key, { thing, until: now() + lifeSeconds * 1000 })
      return key
    },
    take: async (key) => {
      const kept = things.get(key)
      things.delete(key)
      return kept !== undefined && kept.until > now() ? kept.thing : null
    },
    sweep: () => {
      const expired = [...things].filter(([, { until }]) => until <= now())
      for (const [key] of expired) things.delete(key)
      return expired.length
    },
  }
}
