import type { RateLimiterLike } from 'rate-limiter-flexible'
import type { Counter } from './counter.ts'
import { consume, reward, waitOf } from './counter.ts'

/** So many points from the first attempt until the window ends, then none. */
export const makeWindowCounter = (limiter: RateLimiterLike): Counter => ({
  take: async (key) => {
    const { passed, state } = await consume(limiter, key)
    if (passed) return 0
    // A refused attempt takes nothing, so that points given back are there for others.
    await reward(limiter, key)
    return waitOf(state)
  },
  giveBack: (key) => reward(limiter, key),
})
