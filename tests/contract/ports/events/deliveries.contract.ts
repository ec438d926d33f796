import { beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import type { User } from '../../../../src/domain/accounts/user.ts'
import type { ShardLease } from '../../../../src/domain/events/shard-lease.ts'
import type { Channel } from '../../../../src/domain/events/user-event.ts'
import { shardOf } from '../../../../src/domain/events/user-event.ts'
import type { Users } from '../../../../src/ports/driven/accounts/users.ts'
import type { Deliveries, Delivery } from '../../../../src/ports/driven/events/deliveries.ts'
import type { Leases } from '../../../../src/ports/driven/events/leases.ts'
import type { Ledger } from '../../../../src/ports/driven/events/ledger.ts'
import {
  announcement,
  NOON,
  noonPlus,
  storedUser,
  updatedUser,
} from '../../../support/builders/accounts/stored-users.ts'
import { FIRST, SECOND } from '../../../support/builders/database/given-stores.ts'
import { ALL_SHARDS } from '../../../support/builders/events/given-events.ts'

const FAR = new Date('9000-01-01T00:00:00.000Z')
const EVERYTHING = 10_000

type ChangedUsers = { readonly users: Pick<Users, 'insert' | 'update' | 'remove'> }

/** The outbox, and what its deliveries come from and end in. */
export type DeliveriesUnderTest = {
  readonly deliveries: Deliveries
  readonly leases: Pick<Leases, 'keep'>
  readonly ledger: Pick<Ledger, 'read'>
  readonly stores: ChangedUsers
  /** The stores of an installation with the HTTP channel, whose mode is `dual`. */
  readonly callingStores: ChangedUsers
}

/** What every adapter of deliveries promises. Each test begins with nothing pending. */
export const deliveriesContract = (name: string, open: () => Promise<DeliveriesUnderTest>) =>
  describe(`deliveries kept in ${name}`, () => {
    let subject: DeliveriesUnderTest
    let sequence = 0
    let leases: readonly ShardLease[] = []
    const query = { channel: FIRST, shards: ALL_SHARDS, except: [], limit: 100, now: NOON }
    const due = (limit = 100, now = NOON) => subject.deliveries.due({ ...query, limit, now })
    const dueOn = (channel: Channel, limit = 10) =>
      subject.deliveries.due({ ...query, channel, limit })
    const leaseOf = ({ event }: Delivery): ShardLease => {
      const lease = leases.find(({ shard }) => shard === shardOf(event.userId))
      if (lease === undefined) throw new Error('the shard is not held')
      return lease
    }
    const retryAt = (delivery: Delivery, at: Date, error: string) =>
      subject.deliveries.retryAt(delivery, leaseOf(delivery), at, error)
    const park = (delivery: Delivery, error: string) =>
      subject.deliveries.park(delivery, leaseOf(delivery), error)
    const acknowledge = (batch: readonly Delivery[]) =>
      subject.deliveries.acknowledge(
        batch.map((delivery) => {
          sequence += 1
          const receipt = { stream: 'USER_EVENTS', sequence, duplicate: false }
          return { delivery, receipt, at: noonPlus(1) }
        }),
      )
    const versions = (list: readonly Delivery[]) =>
      list.map(({ event }) => `${event.userId} ${event.version}`)
    const version = (user: User) => `${user.id} ${user.version}`
    const only = async (): Promise<Delivery> => {
      const [delivery, ...others] = await due()
      if (delivery === undefined || others.length > 0) throw new Error('not exactly one delivery')
      return delivery
    }

    beforeAll(async () => {
      subject = await open()
    })
    beforeEach(async () => {
      for (const channel of [FIRST, SECOND])
        await acknowledge(
          await subject.deliveries.due({ ...query, channel, limit: EVERYTHING, now: FAR }),
        )
      leases = (await subject.leases.keep('the only relay')).held
    })

    test('a new delivery is due at once, with its event and no tries', async () => {
      const user = await storedUser(subject)
      const page = await subject.ledger.read({ after: null, userId: user.id, limit: 1 })
      const event = page?.entries[0]?.event
      expect(event?.userId).toBe(user.id)
      expect(await due(10, new Date(0))).toEqual([
        { channel: FIRST, attempts: 0, replayId: null, event: event as Delivery['event'] },
      ])
    })

    test('deliveries come in the order of their commits', async () => {
      const first = await storedUser(subject)
      const second = await storedUser(subject)
      const again = await updatedUser(subject, first, { isActive: false })
      expect(versions(await due())).toEqual([first, second, again].map(version))
    })

    test('the limit takes the oldest', async () => {
      const [first, second] = [await storedUser(subject), await storedUser(subject)]
      await storedUser(subject)
      expect(versions(await due(2))).toEqual([first, second].map(version))
      expect(await due(0)).toEqual([])
    })

    test('channels are served apart', async () => {
      const user = await storedUser(subject)
      await acknowledge(await due())
      expect(await due()).toEqual([])
      expect(versions(await dueOn(SECOND))).toEqual([version(user)])
      expect(await dueOn('http:backend')).toEqual([])
    })

    test('what is acknowledged is done, with its receipt in the ledger', async () => {
      const user = await storedUser(subject)
      const delivery = await only()
      await retryAt(delivery, NOON, 'no responders')
      const receipt = { stream: 'USER_EVENTS', sequence: 2 ** 40, duplicate: true }
      const at = new Date()
      await subject.deliveries.acknowledge([{ delivery, receipt, at }])
      expect(await due()).toEqual([])
      const page = await subject.ledger.read({ after: null, userId: user.id, limit: 1 })
      expect(page?.entries[0]?.deliveries).toEqual([
        {
          channel: FIRST,
          state: 'acknowledged',
          attempts: 2,
          ackedAt: at,
          streamSequence: 2 ** 40,
          lastError: null,
        },
        expect.objectContaining({ channel: SECOND, state: 'pending', ackedAt: null }),
      ])
    })

    test('an acknowledgement that is known is accepted again without effect', async () => {
      const user = await storedUser(subject)
      const delivery = await only()
      await acknowledge([delivery, delivery])
      const first = sequence - 1
      await acknowledge([delivery])
      const page = await subject.ledger.read({ after: null, userId: user.id, limit: 1 })
      const [ack] = page?.entries[0]?.deliveries ?? []
      expect([first, first + 1]).toContain(Number(ack?.streamSequence))
      expect(await due()).toEqual([])
    })

    test('an acknowledgement of one version leaves the others', async () => {
      const first = await storedUser(subject)
      const second = await updatedUser(subject, first, { isActive: false })
      const [oldest] = await due()
      await acknowledge(oldest === undefined ? [] : [oldest])
      expect(versions(await due())).toEqual([version(second)])
    })

    test('an empty batch of acknowledgements changes nothing', async () => {
      const user = await storedUser(subject)
      await subject.deliveries.acknowledge([])
      expect(versions(await due())).toEqual([version(user)])
    })

    test('a retry waits until its instant and counts the try', async () => {
      await storedUser(subject)
      const delivery = await only()
      await retryAt(delivery, noonPlus(1), 'timeout')
      expect(await due(10, NOON)).toEqual([])
      expect(await due(10, noonPlus(1))).toEqual([{ ...delivery, attempts: 1 }])
    })

    test("no later version overtakes a user's version that waits", async () => {
      const first = await storedUser(subject)
      await updatedUser(subject, first, { isActive: false })
      const other = await storedUser(subject)
      const [oldest] = await due()
      if (oldest === undefined) throw new Error('nothing is due')
      await retryAt(oldest, noonPlus(5), 'timeout')
      expect(versions(await due(10, NOON))).toEqual([version(other)])
      expect(await due(10, noonPlus(5))).toHaveLength(3)
    })

    test('a delivery that would wait longer than a minute is due: whoever said so had a wrong clock [PR3]', async () => {
      await storedUser(subject)
      const delivery = await only()
      for (const [seconds, isDue] of [
        [59, false],
        [61, true],
        [13 * 86_400, true],
      ] as const) {
        await retryAt(delivery, noonPlus(seconds), 'timeout')
        expect([seconds, (await due(10, NOON)).length]).toEqual([seconds, isDue ? 1 : 0])
      }
    })

    test('a version that waits behind a due one stays behind it', async () => {
      const first = await storedUser(subject)
      await updatedUser(subject, first, { isActive: false })
      const [, younger] = await due()
      if (younger === undefined) throw new Error('nothing is due')
      await retryAt(younger, noonPlus(5), 'timeout')
      expect(versions(await due(10, NOON))).toEqual([version(first)])
    })

    test('a parked delivery is not due any more, and later versions of its user go on', async () => {
      const first = await storedUser(subject)
      const second = await updatedUser(subject, first, { isActive: false })
      const [oldest] = await due()
      if (oldest === undefined) throw new Error('nothing is due')
      await park(oldest, 'too large')
      expect(versions(await due())).toEqual([version(second)])
      const page = await subject.ledger.read({ after: null, userId: first.id, limit: 1 })
      expect(page?.entries[0]?.deliveries[0]).toMatchObject({
        channel: FIRST,
        state: 'parked',
        attempts: 1,
        lastError: 'too large',
      })
    })

    test('a retry or a park after the acknowledgement does not bring a delivery back', async () => {
      await storedUser(subject)
      const delivery = await only()
      await acknowledge([delivery])
      const before = await subject.deliveries.backlog(FIRST)
      await retryAt(delivery, NOON, 'late')
      await park(delivery, 'later')
      expect(await due()).toEqual([])
      expect(await subject.deliveries.backlog(FIRST)).toEqual(before)
    })

    test('only the given shards are served', async () => {
      const user = await storedUser(subject)
      const shard = shardOf(user.id)
      const others = ALL_SHARDS.filter((other) => other !== shard)
      expect(await subject.deliveries.due({ ...query, shards: others })).toEqual([])
      expect(await subject.deliveries.due({ ...query, shards: [] })).toEqual([])
      expect(await subject.deliveries.due({ ...query, shards: [shard] })).toHaveLength(1)
    })

    test('users whose deliveries are under way are left out', async () => {
      const [first, second] = [await storedUser(subject), await storedUser(subject)]
      const rest = await subject.deliveries.due({ ...query, except: [first.id] })
      expect(versions(rest)).toEqual([version(second)])
    })

    test('a retry and a park of a shard that has another owner by now change nothing', async () => {
      await storedUser(subject)
      const delivery = await only()
      const { shard, epoch } = leaseOf(delivery)
      const late = { shard, epoch: epoch - 1 }
      expect(await subject.deliveries.retryAt(delivery, late, noonPlus(5), 'late')).toBe(false)
      expect(await subject.deliveries.park(delivery, late, 'late')).toBe(false)
      expect(await due()).toEqual([delivery])
      expect(await retryAt(delivery, NOON, 'in time')).toBe(true)
    })

    test('the last error is kept short', async () => {
      const user = await storedUser(subject)
      await retryAt(await only(), NOON, 'x'.repeat(10_000))
      const page = await subject.ledger.read({ after: null, userId: user.id, limit: 1 })
      expect(page?.entries[0]?.deliveries[0]?.lastError).toBe('x'.repeat(500))
    })

    test('the deletion of a user is delivered after the user is gone', async () => {
      const user = await storedUser(subject)
      await subject.stores.users.remove(user, announcement())
      const [, deletion] = await due()
      expect(deletion?.event).toMatchObject({ userId: user.id, version: 2, action: 'deleted' })
    })

    describe('to a receiver of present states', () => {
      const BACKEND: Channel = 'http:backend'
      const called = async (list: readonly Delivery[], alreadyNewer = false) =>
        subject.deliveries.acknowledge(
          list.map((delivery) => ({
            delivery,
            receipt: { stream: null, sequence: null, duplicate: alreadyNewer },
            at: noonPlus(3),
          })),
        )
      const dueCalls = () => dueOn(BACKEND)
      const callsOf = async (user: User) => {
        const page = await subject.ledger.read({ after: null, userId: user.id, limit: 10 })
        return page?.entries.map(({ deliveries }) =>
          deliveries.find(({ channel }) => channel === BACKEND),
        )
      }
      /** A user with two more changes, each pending for the receiver too. */
      const changedTwice = async (): Promise<User> => {
        const calling = { stores: subject.callingStores }
        const user = await storedUser(calling)
        const first = await updatedUser(calling, user, { isActive: false })
        return updatedUser(calling, first, { isActive: true })
      }
      beforeEach(async () => {
        await called(
          await subject.deliveries.due({ ...query, channel: BACKEND, limit: 1000, now: FAR }),
        )
      })

      test('the newest version settles the pending deliveries of earlier versions', async () => {
        const user = await changedTwice()
        const newest = (await dueCalls()).at(-1)
        await called(newest === undefined ? [] : [newest])
        expect(await dueCalls()).toEqual([])
        const common = {
          channel: BACKEND,
          ackedAt: expect.any(Date),
          streamSequence: null,
          lastError: null,
        }
        expect(await callsOf(user)).toEqual([
          { ...common, state: 'superseded', attempts: 0 },
          { ...common, state: 'superseded', attempts: 0 },
          { ...common, state: 'acknowledged', attempts: 1 },
        ])
      })

      test('an older version leaves the pending delivery of the newer one', async () => {
        const user = await changedTwice()
        const [, second] = await dueCalls()
        await called(second === undefined ? [] : [second])
        expect(versions(await dueCalls())).toEqual([`${user.id} 3`])
      })

      test('the newest version settles deliveries that were parked before it', async () => {
        const user = await changedTwice()
        const [oldest, , newest] = await dueCalls()
        if (oldest === undefined || newest === undefined) throw new Error('nothing is due')
        await park(oldest, 'answered 422')
        await called([newest])
        expect((await callsOf(user))?.map((call) => call?.state)).toEqual([
          'superseded',
          'superseded',
          'acknowledged',
        ])
      })

      test('other users and other channels are not settled with it', async () => {
        const user = await changedTwice()
        const other = await changedTwice()
        const newest = (await dueCalls()).find(
          ({ event }) => event.userId === user.id && event.version === 3,
        )
        await called(newest === undefined ? [] : [newest])
        expect(versions(await dueCalls())).toEqual([1, 2, 3].map((n) => `${other.id} ${n}`))
        expect(versions(await due())).toHaveLength(6)
      })

      test('every version stays pending for a broker all the same', async () => {
        await changedTwice()
        const newest = (await due()).at(-1)
        await acknowledge(newest === undefined ? [] : [newest])
        expect(await due()).toHaveLength(2)
      })
    })

    test('the backlog counts pending and parked deliveries, by channel', async () => {
      const nothing = await subject.deliveries.backlog(FIRST)
      expect(nothing).toMatchObject({ pending: 0, oldestPendingAt: null })
      const first = await storedUser(subject)
      await storedUser(subject)
      const [oldest, youngest] = await due()
      if (oldest === undefined || youngest === undefined) throw new Error('nothing is due')
      await park(youngest, 'too large')
      expect(await subject.deliveries.backlog(FIRST)).toEqual({
        pending: 1,
        parked: nothing.parked + 1,
        oldestPendingAt: first.updatedAt,
      })
      expect((await subject.deliveries.backlog(SECOND)).pending).toBe(2)
    })
  })
