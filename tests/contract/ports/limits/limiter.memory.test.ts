import { describe, expect, setSystemTime, test } from 'bun:test'
import { makeLimiter, makeUnlimitedLimiter } from '../../../../src/adapters/limits/limiter.ts'
import { makeMonotonicBudgets } from '../../../../src/adapters/memory/monotonic-limiter.ts'
import type { BudgetName } from '../../../../src/domain/limits/limits.ts'
import { DEFAULT_BUDGETS } from '../../../../src/domain/limits/limits.ts'
import { limiterContract } from './limiter.contract.ts'

const MAC_KEY = new Uint8Array(32).fill(5)

limiterContract('memory', (budgets) => {
  let elapsed = 0
  const inMemory = makeMonotonicBudgets(() => elapsed)
  const opened: unknown[] = []
  const open: typeof inMemory = (name, budget) => {
    const counts = inMemory(name, budget)
    opened.push(counts)
    return counts
  }
  return {
    limiter: makeLimiter({ budgets, macKey: MAC_KEY, open }),
    passSeconds: (seconds) => {
      elapsed += seconds * 1000
    },
    jumpWallClock: (seconds) => {
      setSystemTime(new Date(Date.now() + seconds * 1000))
      return () => setSystemTime()
    },
    dump: () => Bun.inspect(opened, { depth: 6 }),
  }
})

/** Budgets that record under which names they count. */
const recordedNames = () => {
  const names: unknown[] = []
  const open: ReturnType<typeof makeMonotonicBudgets> = (name, budget) => {
    const counts = makeMonotonicBudgets()(name, budget)
    const consume = counts.consume.bind(counts)
    counts.consume = (key, ...more) => {
      names.push(key)
      return consume(key, ...more)
    }
    return counts
  }
  return { names, open }
}

describe('limits in memory', () => {
  test('a flood of keys uses bounded memory, and the latest keys are still counted', async () => {
    const open = makeMonotonicBudgets(() => 0, 100)
    const limiter = makeLimiter({ budgets: DEFAULT_BUDGETS, macKey: MAC_KEY, open })
    for (let index = 0; index < 1000; index += 1)
      await limiter.take([{ budget: 'register', key: `address ${index}` }])
    const last = { budget: 'register', key: 'address 999' } as const
    const taken = await Promise.all(Array.from({ length: 5 }, () => limiter.take([last])))
    expect(taken.filter(({ allowed }) => allowed)).toHaveLength(4)
  })

  test('a hundred thousand keys are counted, unless another number is given', async () => {
    const counts = makeMonotonicBudgets(() => 0)('name', { points: 5, seconds: 60 })
    const isKnown = async () => (await counts.get('first')) !== null
    await counts.consume('first')
    for (let key = 1; key < 100_000; key += 1) await counts.consume(key)
    expect(await isKnown()).toBe(true)
    await counts.consume('one more')
    expect(await isKnown()).toBe(false)
  })

  test('a flood of keys makes the oldest ones forgotten', async () => {
    const limiter = makeLimiter({
      budgets: DEFAULT_BUDGETS,
      macKey: MAC_KEY,
      open: makeMonotonicBudgets(() => 0, 100),
    })
    const oldest = { budget: 'register', key: 'the oldest' } as const
    const allowed = async () => (await limiter.take([oldest])).allowed
    for (let attempt = 0; attempt < 5; attempt += 1) expect(await allowed()).toBe(true)
    expect(await allowed()).toBe(false)
    for (let index = 0; index < 200; index += 1)
      await limiter.take([{ budget: 'register', key: `address ${index}` }])
    expect(await allowed()).toBe(true)
  })

  test('a flood of keys removes counts that have ended, and then those that began first', async () => {
    let elapsed = 0
    const budget = { points: 5, seconds: 60 }
    const openBudget = makeMonotonicBudgets(() => elapsed, 4)
    const counts = openBudget('name', budget)
    const known = async () => {
      const keys = ['long', 'a', 'b', 'c', 'd', 'e']
      const found = await Promise.all(keys.map((key) => counts.get(key)))
      return keys.filter((_, index) => found[index] !== null)
    }
    await counts.set('long', 1, 900)
    await counts.consume('a')
    elapsed = 50_000
    await counts.consume('b')
    await counts.consume('c')
    elapsed = 61_000
    // The window of `a` has ended, and its count makes room.
    await counts.consume('d')
    expect(await known()).toEqual(['long', 'b', 'c', 'd'])
    await counts.consume('e')
    expect(await known()).toEqual(['b', 'c', 'd', 'e'])
  })

  test('a count that began again is as young as its new window', async () => {
    let elapsed = 0
    const openBudget = makeMonotonicBudgets(() => elapsed, 4)
    const counts = openBudget('name', { points: 5, seconds: 60 })
    await counts.consume('a')
    elapsed = 50_000
    await counts.consume('b')
    await counts.consume('c')
    elapsed = 61_000
    await counts.consume('a')
    await counts.consume('d')
    await counts.consume('e')
    expect(await counts.get('a')).toMatchObject({ consumedPoints: 1 })
    expect(await counts.get('b')).toBeNull()
  })

  test('the store cannot tell that two budgets count the same client', async () => {
    const { names, open } = recordedNames()
    const limiter = makeLimiter({ budgets: DEFAULT_BUDGETS, macKey: MAC_KEY, open })
    await limiter.take([
      { budget: 'register', key: 'a' },
      { budget: 'refresh', key: 'a' },
    ])
    expect(new Set(names).size).toBe(2)
  })

  test('each refusal is reported with the budget that refused', async () => {
    const refused: string[] = []
    const limiter = makeLimiter({
      budgets: DEFAULT_BUDGETS,
      macKey: MAC_KEY,
      open: makeMonotonicBudgets(() => 0),
      onRefused: (budget) => refused.push(budget),
    })
    const spent = { budget: 'register', key: 'a' } as const
    for (let attempt = 0; attempt < 5; attempt += 1) await limiter.take([spent])
    await limiter.take([spent, { budget: 'refresh', key: 'a' }])
    expect(refused).toEqual(['register'])
    for (let attempt = 0; attempt < 10; attempt += 1)
      await limiter.take([{ budget: 'confirm', key: 'a' }])
    await limiter.take([{ budget: 'confirm', key: 'a' }, { budget: 'refresh', key: 'a' }, spent])
    expect(refused).toEqual(['register', 'confirm', 'register'])
  })

  test('the names of what is counted cannot be made without the secret [BF9]', async () => {
    const { names, open } = recordedNames()
    for (const secret of [5, 6, 5])
      await makeLimiter({
        budgets: DEFAULT_BUDGETS,
        macKey: new Uint8Array(32).fill(secret),
        open,
      }).take([{ budget: 'register', key: 'a' }])
    const [first, other, again] = names
    expect(other).not.toBe(first)
    expect(again).toBe(first)
  })

  test('each budget that is not said to be another’s has its own points and window', async () => {
    let elapsed = 0
    const open = makeMonotonicBudgets(() => elapsed)
    const limiter = makeLimiter({ budgets: DEFAULT_BUDGETS, macKey: MAC_KEY, open })
    for (const [name, { points, seconds }] of Object.entries(DEFAULT_BUDGETS)) {
      // Its blocks are another test.
      if (name === 'sign-in-account') continue
      const key = { budget: name as BudgetName, key: 'a' }
      const passed = async () => {
        const taken = await Promise.all(
          Array.from({ length: points + 2 }, () => limiter.take([key])),
        )
        return taken.filter(({ allowed }) => allowed).length
      }
      expect([name, await passed()]).toEqual([name, points])
      expect(await limiter.take([key])).toEqual({ allowed: false, retryAfterSeconds: seconds })
      elapsed += seconds * 1000
      expect([name, await passed()]).toEqual([name, points])
    }
  })

  test('limits that are switched off refuse nothing', async () => {
    const limiter = makeUnlimitedLimiter()
    const key = { budget: 'register', key: 'a' } as const
    const taken = await Promise.all(Array.from({ length: 100 }, () => limiter.take([key])))
    expect(taken.every(({ allowed }) => allowed)).toBe(true)
    await limiter.giveBack([key])
  })
})
