import type { RateLimiterLike } from 'rate-limiter-flexible'
import type { Budget } from '../../domain/limits/limits.ts'
import { blockSeconds } from '../../domain/limits/limits.ts'
import type { Counter } from './counter.ts'
import { consume, reward, waitOf } from './counter.ts'

type Open = (name: string, budget: Budget) => RateLimiterLike

/**
 * So many points within a window; the last of them starts a block, after which one attempt passes and starts a longer
 * one, and so on. All is forgotten when nobody has tried for a whole window after the end of a block.
 */
export const makeGrowingCounter = (name: string, budget: Budget, open: Open): Counter => {
  const points = open(name, budget)
  /** Spent while a block lasts. */
  const block = open(`${name}-block`, { points: 1, seconds: blockSeconds(0) })
  /** How many blocks have begun. */
  const blocks = open(`${name}-blocks`, {
    points: Number.MAX_SAFE_INTEGER,
    seconds: budget.seconds,
  })
  const begun = async (key: string) => (await blocks.get(key))?.consumedPoints ?? 0
  const remember = (key: string, count: number, seconds: number) =>
    blocks.set(key, count, seconds + budget.seconds)

  const takePoint = async (key: string): Promise<number> => {
    const { passed, state } = await consume(points, key)
    if (!passed) {
      await reward(points, key)
      return Math.min(waitOf(state), blockSeconds(0) * 1000)
    }
    // By what the store says: it may have less to give than the budget has, as when it stands in for another.
    if (state.remainingPoints > 0) return 0
    // In this order, so that whoever sees that a block has begun finds it.
    await block.set(key, 1, blockSeconds(0))
    await remember(key, 1, blockSeconds(0))
    return 0
  }

  /** However many try when a block has ended, one of them takes the single point of the next. */
  const takeTurn = async (key: string, earlier: number): Promise<number> => {
    const seconds = blockSeconds(earlier)
    const { passed, state } = await consume(block, key, seconds)
    if (!passed) return waitOf(state)
    await remember(key, earlier + 1, seconds)
    return 0
  }

  return {
    take: async (key) => {
      const earlier = await begun(key)
      return earlier === 0 ? takePoint(key) : takeTurn(key, earlier)
    },
    giveBack: async (key) => {
      const earlier = await begun(key)
      if (earlier > 1) await reward(blocks, key)
      else {
        await blocks.delete(key)
        await reward(points, key)
      }
      await block.delete(key)
    },
  }
}
