import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Store } from '../../../packages/user-events/src/index.ts'

export type OpenStore<Tx> = {
  readonly store: Store<Tx>
  readonly close: () => Promise<void>
}

const POSITION = { userId: 'user', version: 2 ** 53 - 1, eventId: 'event ü' }

/** What every store of a consumer promises. */
export const positionStoreContract = <Tx>(name: string, open: () => Promise<OpenStore<Tx>>) =>
  describe(`positions kept in ${name}`, () => {
    let opened: OpenStore<Tx>
    beforeAll(async () => {
      opened = await open()
    }, 60_000)
    afterAll(() => opened.close())

    const givenConsumer = () => {
      const consumer = crypto.randomUUID()
      const { store } = opened
      return {
        consumer,
        take: (userId: string) => store.transact((tx) => store.takePosition(tx, consumer, userId)),
        keep: (position = POSITION) =>
          store.transact(async (tx) => {
            await store.takePosition(tx, consumer, position.userId)
            await store.keepPosition(tx, consumer, position)
          }),
      }
    }

    test('are null until something was applied', async () => {
      const { take } = givenConsumer()
      expect(await take('user')).toBeNull()
      expect(await take('user')).toBeNull()
    })

    test('are those that were stored last', async () => {
      const { take, keep } = givenConsumer()
      await keep({ ...POSITION, version: 1 })
      await keep()
      expect(await take('user')).toEqual(POSITION)
    })

    test('belong to one consumer and one user', async () => {
      const [one, other] = [givenConsumer(), givenConsumer()]
      await one.keep()
      expect(await other.take('user')).toBeNull()
      expect(await one.take('user-2')).toBeNull()
      const others = { ...POSITION, version: 3 }
      await other.keep(others)
      await one.keep({ ...POSITION, version: 4 })
      expect(await other.take('user')).toEqual(others)
    })

    test('of a transaction that fails are those of before, and its fault is passed on', async () => {
      const { consumer, take, keep } = givenConsumer()
      await keep()
      const { store } = opened
      const failing = store.transact(async (tx) => {
        await store.takePosition(tx, consumer, 'user')
        await store.keepPosition(tx, consumer, { ...POSITION, eventId: 'other' })
        throw new RangeError('the handler failed')
      })
      expect(await failing.catch((fault) => String(fault))).toBe('RangeError: the handler failed')
      expect(await take('user')).toEqual(POSITION)
    })

    test.each(['known', 'unknown'])(
      'of a user who is %s are locked by one transaction at a time',
      async (who) => {
        const { consumer, keep } = givenConsumer()
        if (who === 'known') await keep({ ...POSITION, version: 1 })
        const { store } = opened
        let inside = 0
        let most = 0
        const addOne = () =>
          store.transact(async (tx) => {
            const before = await store.takePosition(tx, consumer, 'user')
            inside += 1
            most = Math.max(most, inside)
            await new Promise((resolve) => setTimeout(resolve, 2))
            const version = (before?.version ?? 0) + 1
            await store.keepPosition(tx, consumer, { ...POSITION, version })
            inside -= 1
          })
        await Promise.all(Array.from({ length: 8 }, addOne))
        const after = await store.transact((tx) => store.takePosition(tx, consumer, 'user'))
        expect([most, after?.version]).toEqual([1, who === 'known' ? 9 : 8])
      },
    )

    test('of a user are free again after the transaction that locked them fails', async () => {
      const { consumer, take } = givenConsumer()
      const { store } = opened
      const failing = store.transact(async (tx) => {
        await store.takePosition(tx, consumer, 'user')
        throw new Error('no')
      })
      await failing.catch(() => {})
      expect(await take('user')).toBeNull()
    })
  })
