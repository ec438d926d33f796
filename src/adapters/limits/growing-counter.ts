import type { RateLimiterLike } from 'rate-limiter-flexible'
import type { Budget } from '../../domain/limits/limits.ts'
import { blockSeconds } from '../../domain/limits/limits.ts'
import type { Counter } from './window-counter.ts'
import { consume, reward, waitOf } from './window-counter.ts'

type Open = (name: string, budget: Budget) => RateLimiterLike

/**
 * So many points within a window. The last point starts a block. After the block one attempt passes and starts a longer
 * block, and so on. Everything is forgotten when no attempt comes for a whole window after the end of a block.
 */
export const makeGrowingCounter = (name: string, budget: Budget, open: Open): Counter => {
  const points = open(name, budget)
  /** Its single point is spent while a block lasts. */
  const block = open(`${name}-block`, { points: 1, seconds: blockSeconds(0) })
  /** The number of blocks that have started. */
  const blocks = open(`${name}-blocks`, {
    points: Number.MAX_SAFE_INTEGER,
    seconds: budget.seconds,
  })
  const startedBlocks = async (key: string) => (await blocks.get(key))?.consumedPoints ?? 0
  const remember = (key: string, count: number, seconds: number) =>
    blocks.set(key, count, seconds + budget.seconds)

  const takePoint = async (key: string): Promise<number> => {
    const { passed, state } = await consume(points, key)
    if (!passed) return Math.min(waitOf(state), blockSeconds(0) * 1000)
    // The store's number, not the budget's: the store in memory that replaces an unreachable Redis has fewer points.
    if (state.remainingPoints > 0) return 0
    // In this order, so that a request that sees the number of blocks also finds the block.
    await block.set(key, 1, blockSeconds(0))
    await remember(key, 1, blockSeconds(0))
    return 0
  }

  /** When a block has ended, one of all concurrent attempts takes the single point of the next block. */
  const takeAfterBlock = async (key: string, earlier: number): Promise<number> => {
    const seconds = blockSeconds(earlier)
    const { passed, state } = await consume(block, key, seconds)
    if (!passed) return waitOf(state)
    await remember(key, earlier + 1, seconds)
    return 0
  }

  return {
    take: async (key) => {
      const earlier = await startedBlocks(key)
      return earlier === 0 ? takePoint(key) : takeAfterBlock(key, earlier)
    },
    giveBack: async (key) => {
      const earlier = await startedBlocks(key)
      if (earlier > 1) await reward(blocks, key)
      else {
        await blocks.delete(key)
        await reward(points, key)
      }
      await block.delete(key)
    },
  }
}
