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
    if (passed) return 0
    // A refused attempt costs nothing, so that points that others give back stay usable.
    await reward(limiter, key)
    return waitOf(state)
  },
  giveBack: (key) => reward(limiter, key),
})

/** Takes one point. The library rejects with the same type that it resolves with. */
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

/** Gives a point back. If the count has expired meanwhile, it would become negative, which would allow an extra point. So it is deleted. */
export const reward = async (limiter: RateLimiterLike, key: string): Promise<void> => {
  const { consumedPoints } = await limiter.reward(key, 1)
  if (consumedPoints < 0) await limiter.delete(key)
}

/** The wait is at least 1 ms, because 0 means that the attempt passed. */
export const waitOf = ({ msBeforeNext }: RateLimiterRes): number => Math.max(1, msBeforeNext)
