import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { backOffMilliseconds } from '../../../src/domain/events/back-off.ts'

describe('the back-off', () => {
  test('doubles from 50 ms to 10 s when chance shortens nothing', () => {
    const waits = [0, 1, 2, 3, 7, 8, 1_000_000].map((attempts) => backOffMilliseconds(attempts, 0))
    expect(waits).toEqual([50, 100, 200, 400, 6400, 10_000, 10_000])
  })

  test('is shortened by at most half, and never leaves 25 ms to 10 s', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (attempts, chance) => {
          const wait = backOffMilliseconds(attempts, chance)
          const longest = backOffMilliseconds(attempts, 0)
          expect(wait).toBeWithin(25, 10_001)
          expect(wait).toBeWithin(longest / 2, longest + 1)
        },
      ),
    )
  })

  test('of users who failed together differs by chance', () => {
    const waits = [0, 0.25, 0.5, 0.75, 0.999].map((chance) => backOffMilliseconds(5, chance))
    expect(new Set(waits).size).toBe(5)
  })
})
