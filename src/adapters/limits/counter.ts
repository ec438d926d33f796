import type { RateLimiterLike } from 'rate-limiter-flexible'
import { RateLimiterRes } from 'rate-limiter-flexible'

/** Counts the attempts of each key against one budget. */
export type Counter = {
  /** Takes a point; answers how many milliseconds to wait when there is none, else 0. */
  take(key: string): Promise<number>
  giveBack(key: string): Promise<void>
}

/** What became of taking a point: the library rejects with the same shape that it resolves with. */
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

/** Gives a point back. A count that had lapsed meanwhile must not go below nothing: that would be a point more. */
export const reward = async (limiter: RateLimiterLike, key: string): Promise<void> => {
  const { consumedPoints } = await limiter.reward(key, 1)
  if (consumedPoints < 0) await limiter.delete(key)
}

/** A wait is never nothing, or a refusal would look like a pass. */
export const waitOf = ({ msBeforeNext }: RateLimiterRes): number => Math.max(1, msBeforeNext)
