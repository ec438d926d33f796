import { describe, expect, test } from 'bun:test'
import type { Budgets } from '../../../../src/domain/limits/limits.ts'
import { DEFAULT_BUDGETS } from '../../../../src/domain/limits/limits.ts'
import type { Limiter, LimitKey } from '../../../../src/ports/driven/limits/limiter.ts'
import { allowedAfterLatePoints } from '../../../support/builders/limits/late-points.ts'

export type LimiterUnderTest = {
  readonly limiter: Limiter
  /** Moves the store's own clock forward, without waiting. */
  readonly passSeconds: (seconds: number) => Promise<void> | void
  /** Moves only the wall clock. Answers a function that sets it right again. */
  readonly jumpWallClock: (seconds: number) => () => void
  /** Everything that the store contains, as text. */
  readonly dump: () => Promise<string> | string
}

const pair = (key: string): LimitKey => ({ budget: 'sign-in-account-prefix', key })
const account = (key: string): LimitKey => ({ budget: 'sign-in-account', key })
const prefix = (key: string): LimitKey => ({ budget: 'sign-in-prefix', key })

/** What every store of `Limiter` promises. `open` makes an empty one. */
export const limiterContract = (
  name: string,
  open: (budgets: Budgets) => Promise<LimiterUnderTest> | LimiterUnderTest,
) =>
  describe(`limits in ${name}`, () => {
    const given = () => open(DEFAULT_BUDGETS)
    const takeTimes = async (limiter: Limiter, times: number, keys: readonly LimitKey[]) => {
      const taken = await Promise.all(Array.from({ length: times }, () => limiter.take(keys)))
      return taken.filter(({ allowed }) => allowed).length
    }

    /**
     * Expects a refusal with so long a wait. A store with a clock of its own has gone on since the window or block began, at most
     * for the time that the test has taken.
     */
    const expectWait = async (
      limiter: Limiter,
      keys: readonly LimitKey[],
      seconds: number,
      begunAt: number,
    ) => {
      const refused = await limiter.take(keys)
      const passed = (performance.now() - begunAt) / 1000
      expect(refused.allowed ? 0 : refused.retryAfterSeconds).toBeWithin(
        Math.ceil(seconds - passed),
        seconds + 1,
      )
    }

    test('a budget allows its attempts, then says how long to wait, and then allows attempts again [BF1]', async () => {
      const { limiter, passSeconds } = await given()
      const begunAt = performance.now()
      expect(await takeTimes(limiter, 5, [pair('a')])).toBe(5)
      await passSeconds(100)
      await expectWait(limiter, [pair('a')], 800, begunAt)
      await passSeconds(799)
      expect((await limiter.take([pair('a')])).allowed).toBe(false)
      await passSeconds(1)
      expect(await takeTimes(limiter, 6, [pair('a')])).toBe(5)
    })

    test('each key and each budget counts separately [BF1]', async () => {
      const { limiter } = await given()
      expect(await takeTimes(limiter, 6, [pair('a')])).toBe(5)
      expect(await takeTimes(limiter, 1, [pair('b')])).toBe(1)
      expect(await takeTimes(limiter, 1, [{ budget: 'register', key: 'a' }])).toBe(1)
    })

    test('a site has five times the points, and what it counts is apart from what a client counts [BF12]', async () => {
      const { limiter } = await given()
      const ofSite: LimitKey = { ...pair('a'), of: 'site' }
      expect(await takeTimes(limiter, 30, [ofSite])).toBe(25)
      expect(await takeTimes(limiter, 6, [pair('a')])).toBe(5)
    })

    test('the window of a whole account ends shortly before that of one identifier [BF12]', async () => {
      const { limiter, passSeconds } = await given()
      const ofAccount: LimitKey = { ...pair('a'), of: 'account' }
      expect(await takeTimes(limiter, 6, [ofAccount])).toBe(5)
      await passSeconds(897)
      expect(await takeTimes(limiter, 6, [ofAccount])).toBe(0)
      await passSeconds(1)
      expect(await takeTimes(limiter, 6, [ofAccount])).toBe(5)
    })

    test('of 200 attempts at once exactly the budget passes [BF2]', async () => {
      const { limiter } = await given()
      expect(await takeTimes(limiter, 200, [pair('a')])).toBe(5)
      expect(await takeTimes(limiter, 200, [account('a')])).toBe(10)
    })

    test('attempts that are refused while a window ends add nothing to the next one [BF2]', async () => {
      const { limiter, passSeconds } = await given()
      await takeTimes(limiter, 5, [pair('a')])
      const refused = takeTimes(limiter, 50, [pair('a')])
      const passing = passSeconds(901)
      const allowed = (await takeTimes(limiter, 50, [pair('a')])) + (await refused)
      await passing
      expect(allowed + (await takeTimes(limiter, 50, [pair('a')]))).toBe(5)
    })

    test('points that are given back after their window ended add nothing to the next one [BF2]', async () => {
      expect(await allowedAfterLatePoints(await given())).toBe(5)
    })

    test('attempts that are refused or given back leave nothing in the store [BF9] [BF13]', async () => {
      const { limiter, dump } = await given()
      const stored = async () => (await dump()).match(/[\w-]{43}/g)?.length ?? 0
      await takeTimes(limiter, 50, [prefix('p')])
      const before = await stored()
      for (let index = 0; index < 30; index += 1) {
        const taken = await limiter.take([prefix('p'), pair(`identifier ${index}`)])
        expect(taken.allowed).toBe(false)
        await limiter.take([pair(`another ${index}`)])
        await limiter.giveBack([pair(`another ${index}`)])
      }
      expect(await stored()).toBe(before)
    })

    test('an attempt that one budget refuses costs the others nothing, and the longest wait is answered', async () => {
      const { limiter, passSeconds } = await given()
      await takeTimes(limiter, 5, [pair('a')])
      await passSeconds(60)
      const begunAt = performance.now()
      await takeTimes(limiter, 5, [pair('b')])
      const all = [pair('a'), pair('b'), prefix('p'), account('x')]
      await expectWait(limiter, all, 900, begunAt)
      expect(await takeTimes(limiter, 60, [prefix('p')])).toBe(50)
      expect(await takeTimes(limiter, 20, [account('x')])).toBe(10)
    })

    test('an attempt that is refused costs nothing: points given back afterwards can be taken', async () => {
      const { limiter } = await given()
      for (const key of [pair('a'), account('a')]) {
        const points = await takeTimes(limiter, 30, [key])
        await limiter.giveBack([key])
        expect([points, await takeTimes(limiter, 1, [key])]).toEqual([
          DEFAULT_BUDGETS[key.budget].points,
          1,
        ])
      }
    })

    test('points given back can be taken again, and no more than those', async () => {
      const { limiter } = await given()
      await takeTimes(limiter, 5, [pair('a'), prefix('p')])
      await limiter.giveBack([pair('a'), prefix('p')])
      expect(await takeTimes(limiter, 3, [pair('a')])).toBe(1)
    })

    test('a point given back after its window ended is not an extra point', async () => {
      const { limiter, passSeconds } = await given()
      await limiter.take([pair('a')])
      await passSeconds(901)
      await limiter.giveBack([pair('a')])
      expect(await takeTimes(limiter, 10, [pair('a')])).toBe(5)
    })

    test('past the account budget single attempts pass, after blocks of 1, 2, 4, 8 and then 15 minutes [BF3]', async () => {
      const { limiter, passSeconds } = await given()
      expect(await takeTimes(limiter, 11, [account('a')])).toBe(10)
      for (const minutes of [1, 2, 4, 8, 15, 15, 15]) {
        expect(await limiter.take([account('a')])).toEqual({
          allowed: false,
          retryAfterSeconds: minutes * 60,
        })
        await passSeconds(minutes * 60 - 1)
        expect((await limiter.take([account('a')])).allowed).toBe(false)
        await passSeconds(1)
        expect(await takeTimes(limiter, 20, [account('a')])).toBe(1)
      }
    })

    test('a quiet window after the last block gives the whole account budget again', async () => {
      const { limiter, passSeconds } = await given()
      await takeTimes(limiter, 10, [account('a')])
      await passSeconds(60 + 900)
      expect(await takeTimes(limiter, 20, [account('a')])).toBe(10)
    })

    test('an attempt that is given back after a block leaves the account as it was before', async () => {
      const { limiter, passSeconds } = await given()
      await takeTimes(limiter, 10, [account('a')])
      await passSeconds(60)
      expect(await takeTimes(limiter, 2, [account('a')])).toBe(1)
      await limiter.giveBack([account('a')])
      expect(await takeTimes(limiter, 2, [account('a')])).toBe(1)
      expect(await limiter.take([account('a')])).toEqual({ allowed: false, retryAfterSeconds: 120 })
    })

    test('attempts that were refused at once with the last one cost nothing when it is given back', async () => {
      const { limiter } = await given()
      expect(await takeTimes(limiter, 30, [account('a')])).toBe(10)
      await limiter.giveBack([account('a')])
      expect(await takeTimes(limiter, 5, [account('a')])).toBe(1)
    })

    test('attempts that are refused at once with the last one are told to wait for the first block only [BF3]', async () => {
      const { limiter } = await given()
      const taken = await Promise.all(
        Array.from({ length: 30 }, () => limiter.take([account('a')])),
      )
      const waits = taken.flatMap((one) => (one.allowed ? [] : [one.retryAfterSeconds]))
      expect(waits).toHaveLength(20)
      expect(Math.max(...waits)).toBeLessThanOrEqual(60)
      expect(Math.min(...waits)).toBeGreaterThan(55)
    })

    test('an attempt that is given back and was the last of the account budget starts no block', async () => {
      const { limiter } = await given()
      await takeTimes(limiter, 10, [account('a')])
      await limiter.giveBack([account('a')])
      expect(await takeTimes(limiter, 5, [account('a')])).toBe(1)
    })

    test('a jump of the wall clock neither opens nor freezes a budget [BF8]', async () => {
      const { limiter, passSeconds, jumpWallClock } = await given()
      const begunAt = performance.now()
      await takeTimes(limiter, 5, [pair('a')])
      for (const seconds of [86_400, -86_400]) {
        const setRight = jumpWallClock(seconds)
        try {
          await expectWait(limiter, [pair('a')], 900, begunAt)
        } finally {
          setRight()
        }
      }
      await passSeconds(900)
      expect((await limiter.take([pair('a')])).allowed).toBe(true)
    })

    test('keys are stored as HMACs only [BF9]', async () => {
      const { limiter, dump } = await given()
      await limiter.take([pair('user@example.com|203.0.113.0'), account('user@example.com')])
      const kept = await dump()
      expect(kept).toMatch(/[\w-]{43}/)
      expect(kept).not.toContain('example')
      expect(kept).not.toContain('203.0.113')
    })
  })
