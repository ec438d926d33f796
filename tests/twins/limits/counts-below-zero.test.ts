import { expect, test } from 'bun:test'
import { makeLimiter } from '../../../src/adapters/limits/limiter.ts'
import { makeMonotonicBudgets } from '../../../src/adapters/memory/monotonic-limiter.ts'
import { DEFAULT_BUDGETS } from '../../../src/domain/limits/limits.ts'
import type { LatePoints } from '../../support/builders/limits/late-points.ts'
import { allowedAfterLatePoints } from '../../support/builders/limits/late-points.ts'

type Open = ReturnType<typeof makeMonotonicBudgets>

const given = (change: (open: Open) => Open): LatePoints => {
  let elapsed = 0
  const open = change(makeMonotonicBudgets(() => elapsed))
  return {
    limiter: makeLimiter({ budgets: DEFAULT_BUDGETS, macKey: new Uint8Array(32), open }),
    passSeconds: (seconds) => {
      elapsed += seconds * 1000
    },
  }
}

/** Gives points back to counts that have ended, as the library's own stores do. */
const twin =
  (open: Open): Open =>
  (name, budget) => {
    const counts = open(name, budget)
    counts.reward = (key) => counts.penalty(key, -1)
    return counts
  }

test('a store whose counts fall below zero is caught by points that come back after their window', async () => {
  expect(await allowedAfterLatePoints(given((open) => open))).toBe(5)
  expect(await allowedAfterLatePoints(given(twin))).toBeGreaterThan(5)
})
