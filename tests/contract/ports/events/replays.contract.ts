import { beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { v7 } from 'uuid'
import type { User } from '../../../../src/domain/accounts/user.ts'
import type { ShardLease } from '../../../../src/domain/events/shard-lease.ts'
import type { Channel, UserEvent } from '../../../../src/domain/events/user-event.ts'
import { shardOf } from '../../../../src/domain/events/user-event.ts'
import type { EventId, UserId } from '../../../../src/domain/shared/ids.ts'
import type { Delivery } from '../../../../src/ports/driven/events/deliveries.ts'
import type {
  EventSelection,
  ReplayPlace,
  ReplaySelection,
} from '../../../../src/ports/driven/events/replays.ts'
import {
  NOON,
  noonPlus,
  storedUser,
  updatedUser,
} from '../../../support/builders/accounts/stored-users.ts'
import type { StoresUnderTest } from '../../../support/builders/database/given-stores.ts'
import { FIRST, SECOND } from '../../../support/builders/database/given-stores.ts'
import { ALL_SHARDS } from '../../../support/builders/events/given-events.ts'
import { givenMode, modeOf } from '../../../support/builders/migration/given-mode.ts'

const FAR = new Date('9000-01-01T00:00:00.000Z')
const LONG_AGO = new Date(0)
const ANY = { channel: null, userId: null, eventId: null }

/** What every adapter of replays promises. Each test begins with nothing pending and nothing parked. */
export const replaysContract = (name: string, open: () => Promise<StoresUnderTest>) =>
  describe(`replays on ${name}`, () => {
    let subject: StoresUnderTest
    let leases: readonly ShardLease[] = []
    let sequence = 0

    const due = (channel: Channel = FIRST) =>
      subject.deliveries.due({ channel, shards: ALL_SHARDS, except: [], limit: 10_000, now: FAR })
    const acknowledge = (batch: readonly Delivery[]) =>
      subject.deliveries.acknowledge(
        batch.map((delivery) => {
          sequence += 1
          const receipt = { stream: 'USER_EVENTS', sequence, duplicate: false }
          return { delivery, receipt, at: noonPlus(sequence) }
        }),
      )
    const deliverAll = async () => {
      for (const channel of [FIRST, SECOND] as const) await acknowledge(await due(channel))
    }
    const of = (user: User, changes: Partial<ReplaySelection> = {}): ReplaySelection => ({
      channel: FIRST,
      userId: user.id,
      from: LONG_AGO,
      until: null,
      ...changes,
    })
    const replay = async (selection: ReplaySelection, replayId: string = v7()) =>
      (await subject.replays.replay(selection, replayId, null, 100)).replayed
    const park = async (user: User, channel: Channel = FIRST) => {
      for (const delivery of await due(channel))
        if (delivery.event.userId === user.id) {
          const lease = leases.find(({ shard }) => shard === shardOf(user.id))
          if (lease === undefined) throw new Error('the shard is not held')
          await subject.deliveries.park(delivery, lease, 'too large')
        }
    }
    const versionsOf = (list: readonly Delivery[], user: User) =>
      list.filter(({ event }) => event.userId === user.id).map(({ event }) => event.version)
    const statesOf = async ({ id }: { readonly id: UserId }) => {
      const page = await subject.ledger.read({ after: null, userId: id, limit: 10 })
      return (page?.entries ?? []).map(({ deliveries }) =>
        deliveries.filter(({ channel }) => channel === FIRST),
      )
    }
    const userOfVersions = async (count: number): Promise<User> => {
      let user = await storedUser(subject)
      for (let version = 2; version <= count; version += 1)
        user = await updatedUser(subject, user, { isActive: version % 2 === 1 })
      return user
    }

    beforeAll(async () => {
      subject = await open()
      await givenMode(subject.syncModes, modeOf('dual'))
    })
    beforeEach(async () => {
      await deliverAll()
      await subject.replays.discard(ANY, 10_000, NOON)
      leases = (await subject.leases.keep('the only relay')).held
    })

    test('delivered events are pending again, with a replay id and no attempts, in version order', async () => {
      const user = await userOfVersions(3)
      await deliverAll()
      const replayId = v7()
      expect(await subject.replays.count(of(user))).toBe(3)
      expect(await replay(of(user), replayId)).toBe(3)
      expect(versionsOf(await due(), user)).toEqual([1, 2, 3])
      for (const delivery of await due()) expect(delivery).toMatchObject({ replayId, attempts: 0 })
    })

    test('an event that was delivered once keeps its receipt when its replay is superseded', async () => {
      const channel = 'http:backend'
      const user = await storedUser({ stores: subject.callingStores })
      const delivered = await due(channel)
      await acknowledge(delivered)
      const receiptOf = async (version: number) => {
        const page = await subject.ledger.read({ after: null, userId: user.id, limit: 10 })
        const entry = page?.entries.find(({ event }) => event.version === version)
        return entry?.deliveries.find((delivery) => delivery.channel === channel)
      }
      const receipt = await receiptOf(1)
      expect(receipt).toMatchObject({ state: 'acknowledged', attempts: 1 })
      expect(await replay(of(user, { channel }))).toBe(1)
      await updatedUser({ stores: subject.callingStores }, user, { isActive: false })
      const newest = (await due(channel)).filter(
        ({ event }) => event.userId === user.id && event.version === 2,
      )
      expect(newest).toHaveLength(1)
      await acknowledge(newest)
      expect(versionsOf(await due(channel), user)).toEqual([])
      expect(await receiptOf(1)).toEqual(receipt)
      expect(await receiptOf(2)).toMatchObject({ state: 'acknowledged' })
    })

    test('only the given channel is pending again', async () => {
      const user = await userOfVersions(1)
      await deliverAll()
      await replay(of(user, { channel: SECOND }))
      expect(versionsOf(await due(SECOND), user)).toEqual([1])
      expect(await due(FIRST)).toEqual([])
    })

    test('a channel gets an event that was never pending on it', async () => {
      const user = await userOfVersions(1)
      expect(await replay(of(user, { channel: 'nats:user.events.v1' }))).toBe(1)
      expect(await acknowledge(await due('nats:user.events.v1'))).toBeUndefined()
    })

    test('events of other users are left alone, unless all users are selected', async () => {
      const [one, other] = [await userOfVersions(1), await userOfVersions(1)]
      await deliverAll()
      expect(await replay(of(one))).toBe(1)
      expect(versionsOf(await due(), other)).toEqual([])
      const all = { channel: FIRST, userId: null, from: LONG_AGO, until: null }
      await subject.replays.replay(all, v7(), null, 10_000)
      expect(versionsOf(await due(), other)).toEqual([1])
    })

    test('only the given span is taken: its first instant, and not its last', async () => {
      const user = await userOfVersions(3)
      await deliverAll()
      const page = await subject.ledger.read({ after: null, userId: user.id, limit: 10 })
      const [, second, third] = (page?.entries ?? []).map(({ event }) => event.occurredAt)
      if (second === undefined || third === undefined) throw new Error('three events')
      expect(await subject.replays.count(of(user, { from: second, until: third }))).toBe(1)
      expect(await replay(of(user, { from: second, until: third }))).toBe(1)
      expect(versionsOf(await due(), user)).toEqual([2])
      expect(await replay(of(user, { from: FAR }))).toBe(0)
    })

    test('a delivery that is already pending is neither doubled nor changed, and not counted', async () => {
      const user = await userOfVersions(2)
      const before = await due()
      expect(await subject.replays.count(of(user))).toBe(0)
      expect(await replay(of(user))).toBe(0)
      expect(await due()).toEqual(before)
    })

    test('a second replay finds the first pending and leaves it as it is', async () => {
      const user = await userOfVersions(2)
      await deliverAll()
      await replay(of(user))
      const before = await due()
      expect(await replay(of(user))).toBe(0)
      expect(await due()).toEqual(before)
    })

    test('a parked delivery is pending again with no attempts, under its old id', async () => {
      const user = await userOfVersions(1)
      await park(user)
      expect(await subject.replays.count(of(user))).toBe(1)
      expect(await replay(of(user))).toBe(1)
      expect(await due()).toMatchObject([{ attempts: 0, replayId: null }])
      expect(await statesOf(user)).toMatchObject([[{ state: 'pending', lastError: null }]])
    })

    test('batches take everything once, the versions of each user in order', async () => {
      const users = [await userOfVersions(3), await userOfVersions(2), await userOfVersions(1)]
      await deliverAll()
      const [selection, replayId] = [of(users[0] as User, { userId: null }), v7()]
      const seen = new Map<string, number[]>()
      let after: ReplayPlace | null = null
      let total = 0
      do {
        const batch = await subject.replays.replay(selection, replayId, after, 2)
        expect(batch.replayed).toBeLessThanOrEqual(2)
        for (const { event } of await due())
          seen.set(event.userId, [...new Set([...(seen.get(event.userId) ?? []), event.version])])
        total += batch.replayed
        after = batch.next
      } while (after !== null)
      expect(users.map(({ id }) => seen.get(id))).toEqual([[1, 2, 3], [1, 2], [1]])
      expect(await due()).toHaveLength(total)
    })

    test('replayed versions go before a younger one that waits', async () => {
      const user = await userOfVersions(2)
      await deliverAll()
      await updatedUser(subject, user, { isActive: true, role: 'moderator' })
      await replay(of(user))
      expect(versionsOf(await due(), user)).toEqual([1, 2, 3])
    })

    test('the ledger shows a replay as pending, and then its receipt instead of the first', async () => {
      const user = await userOfVersions(1)
      await deliverAll()
      await replay(of(user))
      expect(await statesOf(user)).toMatchObject([[{ state: 'pending', ackedAt: null }]])
      await deliverAll()
      const last = { ackedAt: noonPlus(sequence), streamSequence: sequence }
      const [[again] = []] = await statesOf(user)
      expect(again).toMatchObject({ state: 'acknowledged', attempts: 1 })
      expect([last.streamSequence, last.streamSequence - 1]).toContain(
        Number(again?.streamSequence),
      )
    })

    test('a late acknowledgement of what was sent before does not end a replay', async () => {
      const user = await userOfVersions(1)
      const [first] = await due()
      if (first === undefined) throw new Error('nothing is due')
      await deliverAll()
      await replay(of(user))
      await acknowledge([first])
      const [again] = await due()
      if (again === undefined) throw new Error('the replay is gone')
      await acknowledge([first, again])
      expect(await due()).toEqual([])
    })

    test('a replay does not make the backlog look old', async () => {
      const user = await userOfVersions(1)
      await deliverAll()
      await replay(of(user))
      expect(await subject.deliveries.backlog(FIRST)).toMatchObject({
        pending: 1,
        oldestPendingAt: null,
      })
    })

    test('a receiver of present states is sent the newest version again, and no older one', async () => {
      const calling = { stores: subject.callingStores }
      const user = await storedUser(calling)
      await updatedUser(calling, user, { isActive: false })
      const selection = { ...of(user), channel: 'http:backend' as const }
      const receipt = { stream: null, sequence: null, duplicate: false }
      const call = async () => {
        for (const delivery of await due('http:backend'))
          await subject.deliveries.acknowledge([{ delivery, receipt, at: NOON }])
      }
      await call()
      expect(await subject.replays.count(selection)).toBe(1)
      expect(await replay(selection)).toBe(1)
      expect(await due('http:backend')).toMatchObject([
        { event: { userId: user.id, version: 2 }, replayId: expect.any(String) },
      ])
      await call()
      expect(await due('http:backend')).toEqual([])
    })

    test('the selected events come as they are, user after user, and page by page', async () => {
      const [one, other] = [await userOfVersions(3), await userOfVersions(1)]
      await deliverAll()
      const events = (selection: EventSelection, after: ReplayPlace | null = null, limit = 100) =>
        subject.replays.events(selection, after, limit)
      const all = await events(of(one))
      const ledger = await subject.ledger.read({ after: null, userId: one.id, limit: 10 })
      expect(all).toEqual((ledger?.entries ?? []).map(({ event }) => event))
      expect(all.map(({ version }) => version)).toEqual([1, 2, 3])
      expect(await subject.replays.countEvents(of(one))).toBe(3)
      const first = await events(of(one), null, 2)
      expect([...first, ...(await events(of(one), first[1] ?? null, 2))]).toEqual(all)
      expect(await events(of(one, { from: FAR }))).toEqual([])
      expect(await subject.replays.countEvents(of(one, { from: FAR }))).toBe(0)
      const everybody = await events(of(one, { userId: null }), null, 10_000)
      expect(everybody).toContainEqual(all[0] as UserEvent)
      expect(everybody.map(({ userId }) => userId)).toContain(other.id)
      const places = everybody.map(
        ({ userId, version }) => `${userId} ${String(version).padStart(9, '0')}`,
      )
      expect(places).toEqual(places.toSorted())
      expect(await due()).toEqual([])
    })

    test('parked deliveries are listed in commit order, page by page, with their errors', async () => {
      const [one, other] = [await userOfVersions(2), await userOfVersions(1)]
      await park(one)
      await park(other)
      const all = await subject.replays.parked(null, 100)
      expect(all).toMatchObject(
        [
          [one.id, 1],
          [one.id, 2],
          [other.id, 1],
        ].map(([userId, version]) => ({
          channel: FIRST,
          attempts: 1,
          lastError: 'too large',
          event: { userId, version },
        })),
      )
      const first = await subject.replays.parked(null, 2)
      const rest = await subject.replays.parked(first[1]?.place ?? null, 2)
      expect([...first, ...rest]).toEqual(all)
    })

    test('parked deliveries of one event on several channels are listed page by page, too', async () => {
      const user = await userOfVersions(2)
      await park(user)
      await park(user, SECOND)
      const all = await subject.replays.parked(null, 100)
      expect(all.map(({ event, channel }) => [event.version, channel])).toEqual([
        [1, FIRST],
        [1, SECOND],
        [2, FIRST],
        [2, SECOND],
      ])
      const pages = []
      for (let page = await subject.replays.parked(null, 1); page.length > 0; ) {
        pages.push(...page)
        page = await subject.replays.parked(page[0]?.place ?? null, 1)
      }
      expect(pages).toEqual([...all])
    })

    test('a discarded delivery is gone for good, and the ledger says so', async () => {
      const user = await userOfVersions(1)
      await park(user)
      expect(await subject.replays.countParked({ ...ANY, userId: user.id })).toBe(1)
      expect(await subject.replays.discard({ ...ANY, userId: user.id }, 10, NOON)).toBe(1)
      expect(await statesOf(user)).toEqual([
        [
          {
            channel: FIRST,
            state: 'discarded',
            attempts: 1,
            ackedAt: null,
            streamSequence: null,
            lastError: 'too large',
          },
        ],
      ])
      expect(await subject.replays.discard({ ...ANY, userId: user.id }, 10, NOON)).toBe(0)
      expect(await subject.deliveries.backlog(FIRST)).toMatchObject({ parked: 0 })
    })

    test('a discarded delivery can be replayed, and is then acknowledged like any other', async () => {
      const user = await userOfVersions(1)
      await park(user)
      await subject.replays.discard(ANY, 10, NOON)
      expect(await replay(of(user))).toBe(1)
      await deliverAll()
      expect(await statesOf(user)).toMatchObject([[{ state: 'acknowledged', lastError: null }]])
    })

    test('a pending delivery is never discarded', async () => {
      const user = await userOfVersions(2)
      expect(await subject.replays.discard(ANY, 10, NOON)).toBe(0)
      expect(versionsOf(await due(), user)).toEqual([1, 2])
    })

    test('a discarded replay leaves the receipt of the first delivery', async () => {
      const user = await userOfVersions(1)
      await deliverAll()
      const before = await statesOf(user)
      await replay(of(user))
      await park(user)
      expect(await subject.replays.discard(ANY, 10, NOON)).toBe(1)
      expect(await statesOf(user)).toEqual(before)
    })

    test('channel, user and event each narrow what is discarded, and the limit bounds it', async () => {
      const [one, other] = [await userOfVersions(2), await userOfVersions(1)]
      const [first] = await due()
      if (first === undefined) throw new Error('nothing is due')
      await park(one)
      await park(other)
      const eventId: EventId = first.event.eventId
      const { countParked, discard } = subject.replays
      expect(await countParked({ ...ANY, channel: SECOND })).toBe(0)
      expect(await discard({ ...ANY, channel: SECOND }, 10, NOON)).toBe(0)
      expect(await discard({ ...ANY, eventId }, 10, NOON)).toBe(1)
      expect(await countParked({ ...ANY, userId: one.id })).toBe(1)
      expect(await countParked({ ...ANY, channel: FIRST })).toBe(2)
      expect(await discard({ ...ANY, channel: FIRST }, 1, NOON)).toBe(1)
      expect(await discard({ ...ANY, channel: FIRST }, 10, NOON)).toBe(1)
    })
  })
