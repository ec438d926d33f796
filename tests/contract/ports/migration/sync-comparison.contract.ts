import { beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import type { Database } from '../../../../src/adapters/postgres/driver/database.ts'
import { makeConsumerReports } from '../../../../src/adapters/postgres/events/consumer-reports.ts'
import { makeChannelWindows } from '../../../../src/adapters/postgres/migration/channel-windows.ts'
import { makeSyncComparison } from '../../../../src/adapters/postgres/migration/sync-comparison.ts'
import { makeLatencies } from '../../../../src/adapters/telemetry/latencies.ts'
import type { User } from '../../../../src/domain/accounts/user.ts'
import type { ShardLease } from '../../../../src/domain/events/shard-lease.ts'
import type { Channel } from '../../../../src/domain/events/user-event.ts'
import { SHARDS, shardOf } from '../../../../src/domain/events/user-event.ts'
import { digestLine } from '../../../../src/domain/migration/state-digest.ts'
import type { Delivery } from '../../../../src/ports/driven/events/deliveries.ts'
import {
  announcement,
  noonPlus,
  storedUser,
  updatedUser,
} from '../../../support/builders/accounts/stored-users.ts'
import type { StoresUnderTest } from '../../../support/builders/database/given-stores.ts'
import { FIRST } from '../../../support/builders/database/given-stores.ts'
import { everythingDue } from '../../../support/builders/events/given-events.ts'
import { givenMode, modeOf } from '../../../support/builders/migration/given-mode.ts'

const CALLS: Channel = 'http:backend'
const FAR = new Date('9000-01-01T00:00:00.000Z')

/** What the database knows about two channels side by side. */
export const syncComparisonContract = (
  name: string,
  database: Database,
  open: () => Promise<StoresUnderTest>,
) =>
  describe(`channels compared in ${name}`, () => {
    const comparison = makeSyncComparison(database)
    const windows = makeChannelWindows(database)
    const reports = makeConsumerReports(database, 'USER_EVENTS')
    let subject: StoresUnderTest
    let leases: readonly ShardLease[] = []
    let sequence = 1_000_000
    const due = (channel: Channel) =>
      subject.deliveries.due({ ...everythingDue(channel), limit: 10_000, now: FAR })
    const deliver = async (delivery: Delivery, at = noonPlus(1)) => {
      sequence += 1
      const receipt =
        delivery.channel === CALLS
          ? { stream: null, sequence: null, duplicate: false }
          : { stream: 'USER_EVENTS', sequence, duplicate: false }
      await subject.deliveries.acknowledge([{ delivery, receipt, at }])
    }
    const deliverAll = async (channel: Channel) => {
      for (const delivery of await due(channel)) await deliver(delivery)
    }
    const called = () => ({ stores: subject.callingStores })
    const park = async (channel: Channel, user: User) => {
      for (const delivery of await due(channel)) {
        const lease = leases.find(({ shard }) => shard === shardOf(user.id))
        if (lease === undefined) throw new Error('the shard is not held')
        if (delivery.event.userId === user.id)
          await subject.deliveries.park(delivery, lease, 'answered 422')
      }
    }

    beforeAll(async () => {
      subject = await open()
      await givenMode(subject.syncModes, modeOf('dual'))
    })
    beforeEach(async () => {
      leases = (await subject.leases.keep('the only relay')).held
      for (const channel of [FIRST, 'nats:user.events.v2', CALLS] as const)
        await deliverAll(channel)
      await subject.replays.discard(
        { channel: null, userId: null, eventId: null },
        1000,
        noonPlus(1),
      )
    })

    test('a change that both channels have, or neither, is on neither alone', async () => {
      const before = [await comparison.onlyOn(FIRST, CALLS), await comparison.onlyOn(CALLS, FIRST)]
      await storedUser(called())
      await storedUser(called())
      for (const channel of [FIRST, CALLS] as const) {
        const [first] = await due(channel)
        if (first !== undefined) await deliver(first)
      }
      const after = [await comparison.onlyOn(FIRST, CALLS), await comparison.onlyOn(CALLS, FIRST)]
      expect(after).toEqual(before)
    })

    test('a change that one channel has and the other has parked or discarded is on the one alone', async () => {
      const before = await comparison.onlyOn(FIRST, CALLS)
      const user = await storedUser(called())
      await deliverAll(FIRST)
      await park(CALLS, user)
      // The delivery has waited for less than five seconds, so it does not count yet.
      expect(await comparison.onlyOn(FIRST, CALLS)).toBe(before)
      await subject.replays.discard(
        { channel: CALLS, userId: user.id, eventId: null },
        10,
        noonPlus(1),
      )
      expect(await comparison.onlyOn(FIRST, CALLS)).toBe(before + 1)
      expect(await comparison.onlyOn(CALLS, FIRST)).toBe(0)
    })

    test('a version that a broker stored after a later one is out of order', async () => {
      const before = await comparison.orderViolations(FIRST)
      const user = await storedUser(called())
      await updatedUser(called(), user, { isActive: false })
      const [first, second] = await due(FIRST)
      if (first === undefined || second === undefined) throw new Error('nothing is due')
      await deliver(second)
      await deliver(first)
      expect(await comparison.orderViolations(FIRST)).toBe(before + 1)
    })

    test('a replay is not out of order', async () => {
      const user = await storedUser(called())
      await updatedUser(called(), user, { isActive: false })
      await deliverAll(FIRST)
      const before = await comparison.orderViolations(FIRST)
      await subject.replays.replay(
        {
          channel: FIRST,
          userId: user.id,
          from: new Date(0),
          until: new Date(user.updatedAt.getTime() + 1),
        },
        crypto.randomUUID(),
        ...([null, 10] as const),
      )
      await deliverAll(FIRST)
      expect(await comparison.orderViolations(FIRST)).toBe(before)
    })

    test('HTTP calls that were answered after those of later versions are out of order', async () => {
      const before = await comparison.orderViolations(CALLS)
      const user = await storedUser(called())
      const [first] = await due(CALLS)
      await updatedUser(called(), user, { isActive: false })
      const second = (await due(CALLS)).at(-1)
      if (first === undefined || second === undefined) throw new Error('nothing is due')
      await deliver(first, new Date())
      await deliver(second, new Date(Date.now() - 10_000))
      expect(await comparison.orderViolations(CALLS)).toBe(before + 1)
    })

    test('the digest counts everybody once, in the shard of their events, by their present version', async () => {
      const user = await storedUser(called())
      await updatedUser(called(), user, { isActive: false })
      const gone = await storedUser(called())
      await subject.stores.users.remove(gone, announcement())
      const digest = await comparison.digest()
      expect(digest.map(({ shard }) => shard)).toEqual(Array.from({ length: SHARDS }, (_, n) => n))
      for (const shard of [shardOf(user.id), shardOf(gone.id)]) {
        const held = await comparison.users(shard)
        const sha256 = createHash('sha256').update(held.map(digestLine).join('')).digest('hex')
        expect(digest[shard]).toEqual({ shard, users: held.length, sha256 })
        expect(held.map(({ userId }) => String(userId))).toEqual(
          held.map(({ userId }) => String(userId)).toSorted(),
        )
      }
      expect(await comparison.users(shardOf(user.id))).toContainEqual({
        userId: user.id,
        version: 2,
      })
      const others = await comparison.users(shardOf(gone.id))
      expect(others.map(({ userId }) => userId)).not.toContain(gone.id)
    })

    test('users are under way while a delivery for them waits on some channel', async () => {
      const waiting = await storedUser(called())
      const [done] = [await storedUser(called())]
      for (const channel of [FIRST, 'nats:user.events.v2', CALLS] as const)
        for (const delivery of await due(channel))
          if (delivery.event.userId === done.id) await deliver(delivery)
      expect(await comparison.underWay([waiting.id, done.id])).toEqual(new Set([waiting.id]))
      expect(await comparison.underWay([])).toEqual(new Set())
    })

    test('windows of all instances are read together', async () => {
      const before = await windows.recent(300)
      const [one, other] = [makeLatencies(), makeLatencies()]
      one.published(FIRST, 10)
      one.failed(FIRST)
      other.published(CALLS, 20)
      await windows.keep(one.take())
      await windows.keep(other.take())
      await windows.keep([])
      const recent = (await windows.recent(300)).slice(0)
      expect(recent).toHaveLength(before.length + 2)
      expect(recent).toContainEqual(
        expect.objectContaining({ channel: FIRST, published: 1, failed: 1 }),
      )
      const calls = recent.filter(({ channel }) => channel === CALLS).slice(-1)
      expect(one.percentilesOf(calls)).toEqual({ p50Ms: 20, p95Ms: 20, p99Ms: 20 })
    })

    test('no consumers are known before they were first listed; then the latest list counts', async () => {
      const backend = { name: 'backend', subject: 'user.events', pending: 0, ackPending: 0 }
      const [atEnd, behind] = [
        { ...backend, redelivered: 0, acknowledgedUpTo: sequence },
        { ...backend, name: 'social', pending: 3, redelivered: 1, acknowledgedUpTo: sequence },
      ]
      await storedUser(called())
      await deliverAll(FIRST)
      await reports.note([])
      expect(await reports.latest()).toEqual([])
      await reports.note([behind, atEnd])
      expect(await reports.latest()).toEqual([
        { ...backend, redelivered: 0, oldestUnackedSeconds: null },
        {
          ...backend,
          name: 'social',
          pending: 3,
          redelivered: 1,
          oldestUnackedSeconds: expect.any(Number),
        },
      ])
    })

    test('the oldest message that a consumer has not acknowledged is the first one after those that it has', async () => {
      const day = 86_400
      await storedUser(called())
      await deliverAll(FIRST)
      const earlier = sequence
      await subject.backdate('USER_EVENTS', earlier, 1)
      await storedUser(called())
      await deliverAll(FIRST)
      const ageOf = async (changes: object) => {
        const consumer = {
          name: 'backend',
          subject: 'user.events',
          pending: 1,
          ackPending: 0,
          redelivered: 0,
          acknowledgedUpTo: earlier,
        }
        await reports.note([{ ...consumer, ...changes }])
        return (await reports.latest())?.[0]?.oldestUnackedSeconds
      }
      expect(await ageOf({})).toBeLessThan(day)
      expect(await ageOf({ acknowledgedUpTo: earlier - 1 })).toBeGreaterThanOrEqual(day)
      expect(await ageOf({ pending: 0, ackPending: 1 })).toBeLessThan(day)
      // Nothing waits, or what waits is on a subject that it does not read.
      expect(await ageOf({ pending: 0 })).toBeNull()
      expect(await ageOf({ subject: 'user.events.v2' })).toBeNull()
      expect(await ageOf({ subject: 'user.events.v2,user.events' })).toBeLessThan(day)
    })
  })
