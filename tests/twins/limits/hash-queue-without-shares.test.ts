import { expect, test } from 'bun:test'
import type { HashQueueLimits } from '../../../src/adapters/crypto/hash-queue.ts'
import { makeHashQueue } from '../../../src/adapters/crypto/hash-queue.ts'

const LIMITS = { inFlight: 2, waiting: 64, waitingPerClient: 16, waitSeconds: 60 }

/** Whether a stranger finds a place while eighty calls of one client run or wait. */
const strangerFindsPlace = async (limits: HashQueueLimits): Promise<boolean> => {
  const queue = makeHashQueue(limits)
  const { promise, resolve } = Promise.withResolvers<void>()
  const greedy = Array.from({ length: 80 }, () => queue.run('greedy', () => promise))
  const found = !queue.isFull('stranger')
  resolve()
  await Promise.allSettled(greedy)
  return found
}

test('a hash queue in which one client may hold all places is caught by a stranger who finds none', async () => {
  expect(await strangerFindsPlace(LIMITS)).toBe(true)
  expect(await strangerFindsPlace({ ...LIMITS, waitingPerClient: LIMITS.waiting })).toBe(false)
})
