import { beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { v7 } from 'uuid'
import type { User } from '../../../../src/domain/accounts/user.ts'
import type { ShardLease } from '../../../../src/domain/events/shard-lease.ts'
import type { Channel } from '../../../../src/domain/events/user-event.ts'
import type { SyncMode } from '../../../../src/domain/migration/sync-mode.ts'
import { secondsAfter } from '../../../../src/domain/shared/instants.ts'
import { NOON, storedUser, updatedUser } from '../../../support/builders/accounts/stored-users.ts'
import type { StoresUnderTest } from '../../../support/builders/database/given-stores.ts'
import { FIRST } from '../../../support/builders/database/given-stores.ts'
import { ALL_SHARDS } from '../../../support/builders/events/given-events.ts'
import { givenMode, modeOf } from '../../../support/builders/migration/given-mode.ts'
import { eventually } from '../../../support/processes/timing/eventually.ts'

const HTTP: Channel = 'http:backend'
const V1: Channel = 'nats:user.events.v1'
export const SYNC_CHANNELS = [FIRST, V1, HTTP]
const FAR = new Date('9000-01-01T00:00:00.000Z')

/** What every adapter of the mode has to do, and how changes of users are routed by it. */
export const syncModesContract = (name: string, subject: StoresUnderTest) =>
  describe(`the sync mode kept in ${name}`, () => {
    const { syncModes, deliveries } = subject
    let leases: readonly ShardLease[] = []

    const set = async (mode: SyncMode, epoch: number) =>
      syncModes.change({ ...mode, reason: 'a test', changedBy: 'owner', heldUntil: null }, epoch, {
        acceptGap: false,
        backfillId: v7(),
      })
    const become = (...mode: Parameters<typeof modeOf>) => givenMode(syncModes, modeOf(...mode))
    const due = (channel: Channel) =>
      deliveries.due({ channel, shards: ALL_SHARDS, except: [], limit: 10_000, now: FAR })
    const acknowledge = async (channel: Channel) =>
      deliveries.acknowledge(
        (await due(channel)).map((delivery, sequence) => ({
          delivery,
          at: NOON,
          receipt: { stream: 'USER_EVENTS', sequence, duplicate: false },
        })),
      )
    const deliverAll = async () => {
      for (const channel of SYNC_CHANNELS) await acknowledge(channel)
    }
    const versionsDue = async (channel: Channel, { id }: User) =>
      (await due(channel))
        .filter(({ event }) => event.userId === id)
        .map(({ event }) => event.version)
    /** The state of the user's present version, by channel. The ledger shows it after all older transactions have ended. */
    const statesOf = ({ id, version }: User) =>
      eventually('the change in the ledger', 10, async () => {
        const page = await subject.ledger.read({ after: null, userId: id, limit: 100 })
        const entry = page?.entries.find(({ event }) => event.version === version)
        if (entry === undefined) throw new Error('it is not there yet')
        return Object.fromEntries(entry.deliveries.map(({ channel, state }) => [channel, state]))
      })
    const routeOf = async () => statesOf(await storedUser(subject))

    beforeAll(async () => {
      await syncModes.noteDeployment({ hasReceiver: true, channels: SYNC_CHANNELS })
      leases = (await subject.leases.keep('the only relay')).held
    })
    beforeEach(async () => {
      await become('dual')
      await deliverAll()
    })

    describe('routes what is committed', () => {
      test('in http to HTTP calls alone', async () => {
        await become('http')
        expect(await routeOf()).toEqual({ [HTTP]: 'pending' })
      })

      test('in dual to everything', async () => {
        expect(await routeOf()).toEqual({ [HTTP]: 'pending', [FIRST]: 'pending', [V1]: 'pending' })
      })

      test('in canary of 0 % to everything', async () => {
        await become('canary', 0)
        expect((await routeOf())[HTTP]).toBe('pending')
      })

      test('in canary of 100 % and in events to events, with HTTP calls on standby', async () => {
        await become('canary', 100)
        expect(await routeOf()).toEqual({ [HTTP]: 'standby', [FIRST]: 'pending', [V1]: 'pending' })
        await become('events')
        expect(await routeOf()).toEqual({ [HTTP]: 'standby', [FIRST]: 'pending', [V1]: 'pending' })
      })

      test('with HTTP calls for everybody where both are to be written', async () => {
        await become('canary', 100, true)
        expect((await routeOf())[HTTP]).toBe('pending')
        await become('events', undefined, true)
        expect((await routeOf())[HTTP]).toBe('pending')
      })

      test('in canary of 50 % half of the users to HTTP calls on standby, each always alike', async () => {
        await become('canary', 50)
        const users = await Promise.all(Array.from({ length: 60 }, () => storedUser(subject)))
        const first = await Promise.all(users.map(async (user) => (await statesOf(user))[HTTP]))
        const again = await Promise.all(
          users.map(async (user) => {
            const changed = await updatedUser(subject, user, { isActive: false })
            return (await statesOf(changed))[HTTP]
          }),
        )
        expect(again).toEqual(first)
        const standby = first.filter((state) => state === 'standby').length
        expect(standby).toBeGreaterThan(12)
        expect(standby).toBeLessThan(48)
      })
    })

    describe('changes', () => {
      test('with an epoch, a reason and whose word it was', async () => {
        const { epoch } = await syncModes.read()
        const { state } = await become('canary', 7)
        expect(state).toMatchObject({
          mode: 'canary',
          percent: 7,
          dualWrite: false,
          epoch: epoch + 1,
          reason: 'a test',
          changedBy: 'owner',
          heldUntil: null,
          silentSince: null,
        })
        expect(await syncModes.read()).toEqual(state)
      })

      test('not when the epoch is another by now', async () => {
        const { epoch } = await syncModes.read()
        expect(await set(modeOf('events'), epoch - 1)).toEqual({
          ok: false,
          refusal: { kind: 'stale' },
        })
        expect((await syncModes.read()).mode).toBe('dual')
      })

      test('once of two at the same time', async () => {
        const { epoch } = await syncModes.read()
        const both = await Promise.all([5, 6].map((p) => set(modeOf('canary', p), epoch)))
        expect(both.filter(({ ok }) => ok)).toHaveLength(1)
      })

      test('store until when no step forward is allowed', async () => {
        const { epoch } = await syncModes.read()
        const heldUntil = secondsAfter(NOON, 900)
        const change = { ...modeOf('dual'), reason: 'slow', changedBy: 'guard', heldUntil } as const
        await syncModes.change(change, epoch, { acceptGap: false, backfillId: v7() })
        expect(await syncModes.read()).toMatchObject({ heldUntil, changedBy: 'guard' })
      })

      test('not by a first value once there is one', async () => {
        const before = await syncModes.read()
        expect(await syncModes.adoptFirstMode(modeOf('http'), NOON)).toBe(false)
        expect(await syncModes.read()).toEqual(before)
      })
    })

    describe('leaving http', () => {
      test('enqueues the events that the broker was not sent, in version order and before later ones', async () => {
        await become('http')
        const first = await storedUser(subject)
        const second = await updatedUser(subject, first, { isActive: false })
        const other = await storedUser(subject)
        const { backfilled } = await become('canary', 100)
        await updatedUser(subject, second, { isActive: true })
        expect(backfilled).toBe(6)
        for (const channel of [FIRST, V1]) {
          expect(await versionsDue(channel, first)).toEqual([1, 2, 3])
          expect(await versionsDue(channel, other)).toEqual([1])
        }
      })

      test('enqueues nothing twice after going back and forth', async () => {
        await become('http')
        const user = await storedUser(subject)
        await become('dual')
        await acknowledge(FIRST)
        await become('http')
        const again = await updatedUser(subject, user, { isActive: false })
        const { backfilled } = await become('events')
        expect(backfilled).toBe(2)
        expect(await versionsDue(FIRST, again)).toEqual([2])
        expect(await versionsDue(V1, again)).toEqual([1, 2])
      })

      test('backfilled deliveries do not count as old ones that wait', async () => {
        await become('http')
        await storedUser(subject)
        await become('dual')
        expect(await deliveries.backlog(FIRST)).toMatchObject({ pending: 1, oldestPendingAt: null })
      })

      test('tells since when the broker gets no events, and no longer once it does', async () => {
        const { state } = await become('http')
        expect(state.silentSince).toBeInstanceOf(Date)
        expect((await become('dual')).state.silentSince).toBeNull()
      })
    })

    describe('HTTP calls on standby', () => {
      test('end with the acknowledgement on the channel that Backend follows, and on that alone', async () => {
        await become('events')
        const user = await storedUser(subject)
        await acknowledge(V1)
        expect((await statesOf(user))[HTTP]).toBe('standby')
        await acknowledge(FIRST)
        expect(await statesOf(user)).toEqual({ [FIRST]: 'acknowledged', [V1]: 'acknowledged' })
      })

      test('end so, but a call stays that Backend waits for, because calls lead its user', async () => {
        await become('canary', 50)
        const users: User[] = []
        for (let count = 0; count < 12; count += 1) users.push(await storedUser(subject))
        const states = await Promise.all(users.map(statesOf))
        const ledByCalls = users.filter((_, index) => states[index]?.[HTTP] === 'pending')
        const ledByEvents = users.filter((_, index) => states[index]?.[HTTP] === 'standby')
        expect([ledByCalls.length, ledByEvents.length]).not.toContain(0)
        await acknowledge(FIRST)
        await acknowledge(V1)
        for (const user of ledByCalls) expect(await versionsDue(HTTP, user)).toEqual([1])
        for (const user of ledByEvents) expect((await statesOf(user))[HTTP]).toBeUndefined()
      })

      test('are not delivered unless the fallback is on', async () => {
        await become('events')
        const user = await storedUser(subject)
        expect(await versionsDue(HTTP, user)).toEqual([])
        expect(await syncModes.arm()).toBe(true)
        expect(await syncModes.arm()).toBe(false)
        expect((await syncModes.read()).armed).toBe(true)
        expect(await versionsDue(HTTP, user)).toEqual([1])
        expect(await versionsDue(FIRST, user)).toEqual([1])
      })

      test('stand by again after so many quiet seconds, and not sooner', async () => {
        await become('events')
        const { epoch } = await syncModes.read()
        await syncModes.arm()
        expect(await syncModes.disarm(30)).toBe(false)
        expect(await syncModes.disarm(0)).toBe(true)
        expect(await syncModes.disarm(0)).toBe(false)
        expect(await syncModes.read()).toMatchObject({ armed: false, epoch })
      })

      test('cannot be turned on in a mode without deliveries on standby', async () => {
        expect(await syncModes.arm()).toBe(false)
        await become('http')
        expect(await syncModes.arm()).toBe(false)
      })

      test('are delivered when Backend follows HTTP calls again, though events arrive first', async () => {
        await become('events')
        const user = await storedUser(subject)
        await become('dual')
        await acknowledge(FIRST)
        expect(await versionsDue(HTTP, user)).toEqual([1])
        await acknowledge(HTTP)
        expect((await statesOf(user))[HTTP]).toBe('acknowledged')
      })

      test('that events made unnecessary in dual end when Backend follows events again', async () => {
        await become('events')
        const user = await storedUser(subject)
        await become('dual')
        await acknowledge(FIRST)
        await acknowledge(V1)
        await become('canary', 100)
        expect((await statesOf(user))[HTTP]).toBeUndefined()
      })

      test('wait for their next try like others', async () => {
        await become('events')
        await syncModes.arm()
        await storedUser(subject)
        const [delivery] = await due(HTTP)
        if (delivery === undefined) throw new Error('nothing is due')
        const lease = leases[0]
        if (lease === undefined) throw new Error('no shard is held')
        expect(await deliveries.retryAt(delivery, lease, secondsAfter(NOON, 30), 'refused')).toBe(
          true,
        )
        const query = { channel: HTTP, shards: ALL_SHARDS, except: [], limit: 10, now: NOON }
        expect(await deliveries.due(query)).toEqual([])
        expect(await deliveries.park(delivery, lease, 'refused')).toBe(true)
        expect((await deliveries.backlog(HTTP)).parked).toBeGreaterThan(0)
      })
    })

    test('the deployment is kept until it is noted otherwise', async () => {
      await syncModes.noteDeployment({
        settings: modeOf('canary', 5),
        guard: 'version',
        consumers: ['chat'],
      })
      await syncModes.noteDeployment({ guard: 'unknown' })
      expect(await syncModes.deployment()).toEqual({
        settings: modeOf('canary', 5),
        hasReceiver: true,
        channels: SYNC_CHANNELS,
        guard: 'unknown',
        consumers: ['chat'],
      })
      await syncModes.noteDeployment({ consumers: [], hasReceiver: true })
      expect((await syncModes.deployment()).consumers).toEqual([])
    })
  })
