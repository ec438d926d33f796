import { describe, expect, test } from 'bun:test'
import type { OneTimeStore } from '../../../../src/ports/driven/oauth/one-time-store.ts'

/** A thing with a text that must not be readable in a store. */
export type TestThing = { readonly email: string | null; readonly count: number }

export type OneTimeUnderTest = {
  readonly things: OneTimeStore<TestThing>
  /** Moves the store's clock forward, without waiting. */
  readonly passSeconds: (seconds: number) => Promise<void> | void
}

export const ONE_TIME_SECONDS = 600
const THING: TestThing = { email: 'john@example.com', count: 7 }

/** What every one-time store has to do. `open` makes an empty one that keeps things for ten minutes. */
export const oneTimeContract = (
  name: string,
  open: () => Promise<OneTimeUnderTest> | OneTimeUnderTest,
) =>
  describe(`a one-time store in ${name}`, () => {
    test('gives each thing once, for its own key', async () => {
      const { things } = await open()
      const key = await things.keep(THING)
      const other = await things.keep({ email: null, count: 8 })
      expect(await things.take(key)).toEqual(THING)
      expect(await things.take(key)).toBeNull()
      expect(await things.take(other)).toEqual({ email: null, count: 8 })
    })

    test('makes keys of 256 bits that never repeat', async () => {
      const { things } = await open()
      const keys = await Promise.all(Array.from({ length: 100 }, () => things.keep(THING)))
      expect(new Set(keys).size).toBe(100)
      for (const key of keys) expect(key).toMatch(/^[\w-]{43}$/)
    })

    test('gives a thing to one of 200 callers who take it at once', async () => {
      const { things } = await open()
      const key = await things.keep(THING)
      const taken = await Promise.all(Array.from({ length: 200 }, () => things.take(key)))
      expect(taken.filter((thing) => thing !== null)).toEqual([THING])
    })

    test('has a thing at 599 seconds and not at 601', async () => {
      const { things, passSeconds } = await open()
      const [early, late] = [await things.keep(THING), await things.keep(THING)]
      await passSeconds(ONE_TIME_SECONDS - 1)
      expect(await things.take(early)).toEqual(THING)
      await passSeconds(2)
      expect(await things.take(late)).toBeNull()
    })

    test.each(['', 'unknown', '*', '\0', '__proto__', 'a'.repeat(10_000)])(
      'has nothing for an unknown key: %p',
      async (unknown) => {
        const { things } = await open()
        const key = await things.keep(THING)
        expect(await things.take(unknown)).toBeNull()
        expect(await things.take(key)).toEqual(THING)
      },
    )
  })
