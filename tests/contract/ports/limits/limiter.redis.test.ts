import { describe, expect, setSystemTime, test } from 'bun:test'
import { makeLimiter } from '../../../../src/adapters/limits/limiter.ts'
import { makeMonotonicBudgets } from '../../../../src/adapters/memory/monotonic-limiter.ts'
import { makeRedisBudgets } from '../../../../src/adapters/redis/redis-budgets.ts'
import type { Budgets } from '../../../../src/domain/limits/limits.ts'
import { DEFAULT_BUDGETS } from '../../../../src/domain/limits/limits.ts'
import { givenRedis } from '../../../support/servers/redis/given-redis.ts'
import {
  dumpOfRedis,
  keysUnder,
  openedKeyspace,
  openedRedis,
  PATIENT,
} from '../../../support/servers/redis/opened-redis.ts'
import { limiterContract } from './limiter.contract.ts'

const MAC_KEY = new Uint8Array(32).fill(5)
const given = await givenRedis()

const openLimiter = async (budgets: Budgets = DEFAULT_BUDGETS) => {
  const keyspace = await openedKeyspace(given)
  const open = makeRedisBudgets(keyspace.redis, makeMonotonicBudgets())
  return { ...keyspace, limiter: makeLimiter({ budgets, macKey: MAC_KEY, open }) }
}

limiterContract('Redis', async (budgets) => {
  const { redis, keyPrefix, passSeconds, limiter } = await openLimiter(budgets)
  return {
    limiter,
    passSeconds,
    jumpWallClock: (seconds) => {
      setSystemTime(new Date(Date.now() + seconds * 1000))
      return () => setSystemTime()
    },
    dump: () => dumpOfRedis(redis, keyPrefix),
  }
})

describe('limits in Redis', () => {
  test('no key outlives its budget, whatever was taken and given back [BF9]', async () => {
    const { redis, keyPrefix, limiter } = await openLimiter()
    const account = { budget: 'sign-in-account', key: 'a' } as const
    const register = { budget: 'register', key: 'a' } as const
    for (let attempt = 0; attempt < 12; attempt += 1) await limiter.take([account, register])
    await limiter.giveBack([account])
    await limiter.take([account])
    const keys = await keysUnder(redis, `${keyPrefix}limit:`)
    const lives = await Promise.all(keys.map((key) => redis.run((client) => client.ttl(key))))
    expect(keys.length).toBeGreaterThanOrEqual(2)
    expect(Math.min(...lives)).toBeGreaterThan(0)
    expect(Math.max(...lives)).toBeLessThanOrEqual(3600)
  })

  test('all counts that are changed at once are one command', async () => {
    const { redis } = await openedKeyspace(given)
    let commands = 0
    const counting: typeof redis = {
      ...redis,
      run: (command) => {
        commands += 1
        return redis.run(command)
      },
    }
    const open = makeRedisBudgets(counting, makeMonotonicBudgets())
    const limiter = makeLimiter({ budgets: DEFAULT_BUDGETS, macKey: MAC_KEY, open })
    const keys = (['register', 'refresh', 'confirm'] as const).map((budget) => ({
      budget,
      key: 'a',
    }))
    const taken = await Promise.all(Array.from({ length: 7 }, () => limiter.take(keys)))
    expect(taken.filter(({ allowed }) => allowed)).toHaveLength(5)
    // The two that `register` refuses give the points of the others back.
    expect(commands).toBe(2)
    await limiter.giveBack(keys)
    expect(commands).toBe(3)
  })

  test('instances share their counts', async () => {
    const { limiter, keyPrefix } = await openLimiter()
    const { redis } = await openedRedis(given.url, { keyPrefix, ...PATIENT })
    const open = makeRedisBudgets(redis, makeMonotonicBudgets())
    const other = makeLimiter({ budgets: DEFAULT_BUDGETS, macKey: MAC_KEY, open })
    const key = { budget: 'register', key: 'a' } as const
    const taken = await Promise.all(
      Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? limiter : other).take([key])),
    )
    expect(taken.filter(({ allowed }) => allowed)).toHaveLength(5)
  })
})
