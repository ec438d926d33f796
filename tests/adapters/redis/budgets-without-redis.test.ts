import { describe, expect, test } from 'bun:test'
import { makeMonotonicBudgets } from '../../../src/adapters/memory/monotonic-limiter.ts'
import { redisKeys } from '../../../src/adapters/redis/keys.ts'
import type { Redis } from '../../../src/adapters/redis/open-redis.ts'
import { makeRedisBudgets } from '../../../src/adapters/redis/redis-budgets.ts'
import { Unavailable } from '../../../src/domain/shared/unavailable.ts'

/** Budgets of one instance while Redis is lost. */
const given = () => {
  let elapsed = 0
  const lost = {
    keys: redisKeys('test:'),
    isUp: () => false,
    run: () => Promise.reject(new Unavailable('redis is not available')),
  } as unknown as Redis
  const open = makeRedisBudgets(
    lost,
    makeMonotonicBudgets(() => elapsed),
  )
  return {
    open,
    passSeconds: (seconds: number) => {
      elapsed += seconds * 1000
    },
  }
}

describe('while Redis is lost, the budget of an instance', () => {
  test.each([
    [1, 1],
    [2, 1],
    [5, 2],
    [10, 5],
  ])('of %i points has %i', async (points, half) => {
    const counts = given().open('a', { points, seconds: 60 })
    const taken = await Promise.allSettled(Array.from({ length: 12 }, () => counts.consume('key')))
    expect(taken.filter(({ status }) => status === 'fulfilled')).toHaveLength(half)
  })

  test('has its window', async () => {
    const { open, passSeconds } = given()
    const counts = open('a', { points: 2, seconds: 60 })
    await counts.consume('key')
    passSeconds(59.999)
    await expect(counts.consume('key')).rejects.toMatchObject({ msBeforeNext: 1 })
    passSeconds(0.001)
    expect(await counts.consume('key')).toMatchObject({ consumedPoints: 1 })
  })

  test('is counted apart from the budget of another name', async () => {
    const { open } = given()
    await open('a', { points: 2, seconds: 60 }).consume('key')
    expect(await open('b', { points: 2, seconds: 60 }).consume('key')).toMatchObject({
      consumedPoints: 1,
    })
  })
})
