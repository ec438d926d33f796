import type { RateLimiterLike } from 'rate-limiter-flexible'
import { RateLimiterRes } from 'rate-limiter-flexible'

/** Counts the attempts of each key against one budget. */
export type Counter = {
  /** Takes one point. Answers 0, or the milliseconds to wait when no point is left. */
  take(key: string): Promise<number>
  giveBack(key: string): Promise<void>
}

/** Allows a fixed number of points in a window that begins with the first attempt. After that it refuses until the window ends. */
export const makeWindowCounter = (limiter: RateLimiterLike): Counter => ({
  take: async (key) => {
    const { passed, state } = await consume(limiter, key)
    return passed ? 0 : waitOf(state)
  },
  giveBack: (key) => reward(limiter, key),
})

/**
 * Takes one point. A refused attempt is not counted, so that points that others give back stay usable. The library rejects with
 * the same type that it resolves with.
 */
export const consume = async (
  limiter: RateLimiterLike,
  key: string,
  seconds?: number,
): Promise<{ readonly passed: boolean; readonly state: RateLimiterRes }> => {
  const options = seconds === undefined ? {} : { customDuration: seconds }
  try {
    return { passed: true, state: await limiter.consume(key, 1, options) }
  } catch (refused) {
    if (refused instanceof RateLimiterRes) return { passed: false, state: refused }
    throw refused
  }
}

/** Gives a point back. The stores keep the count from falling below zero, also when it has expired meanwhile. */
export const reward = async (limiter: RateLimiterLike, key: string): Promise<void> => {
  await limiter.reward(key, 1)
}

/** The wait is at least 1 ms, because 0 means that the attempt passed. */
export const waitOf = ({ msBeforeNext }: RateLimiterRes): number => Math.max(1, msBeforeNext)
