import { beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import type { DisplayName } from '../../../../src/domain/accounts/display-name.ts'
import type { User } from '../../../../src/domain/accounts/user.ts'
import type { ShardLease } from '../../../../src/domain/events/shard-lease.ts'
import type { Channel } from '../../../../src/domain/events/user-event.ts'
import { shardOf } from '../../../../src/domain/events/user-event.ts'
import { fail, ok } from '../../../../src/domain/shared/result.ts'
import type { CommittedEvent, Delivery } from '../../../../src/ports/driven/events/deliveries.ts'
import {
  announcement,
  formsOf,
  NOON,
  noonPlus,
  registrationOf,
  stateOf,
  storedUser,
  uniqueUserId,
  updatedUser,
} from '../../../support/builders/accounts/stored-users.ts'
import type { StoresUnderTest } from '../../../support/builders/database/given-stores.ts'
import { FIRST } from '../../../support/builders/database/given-stores.ts'
import { ALL_SHARDS } from '../../../support/builders/events/given-events.ts'
import { givenMode, modeOf } from '../../../support/builders/migration/given-mode.ts'
import { SYNC_CHANNELS } from '../migration/sync-modes.contract.ts'

const HTTP: Channel = 'http:backend'
const V1: Channel = 'nats:user.events.v1'
const FAR = new Date('9000-01-01T00:00:00.000Z')
const TRACE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

/** What a store reports of each event that it has committed. The relay delivers it without reading it. */
export const committedEventsContract = (name: string, subject: StoresUnderTest) =>
  describe(`what ${name} reports of a commit`, () => {
    const { syncModes, deliveries, stores } = subject
    let leases: readonly ShardLease[] = []

    const due = (channel: Channel, now = FAR) =>
      deliveries.due({ channel, shards: ALL_SHARDS, except: [], limit: 10_000, now })
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
    const leaseOf = ({ event }: Delivery): ShardLease => {
      const lease = leases.find(({ shard }) => shard === shardOf(event.userId))
      if (lease === undefined) throw new Error('the shard is not held')
      return lease
    }
    const become = (...mode: Parameters<typeof modeOf>) => givenMode(syncModes, modeOf(...mode))
    const reported = async (change: () => Promise<unknown>): Promise<readonly CommittedEvent[]> => {
      const before = subject.committed.length
      await change()
      return subject.committed.slice(before)
    }
    const reportedOnce = async (change: () => Promise<unknown>): Promise<CommittedEvent> => {
      const [committed, ...others] = await reported(change)
      if (committed === undefined || others.length > 0) throw new Error('not exactly one event')
      return committed
    }
    /** The channels of a commit; those on which something older is owed have a plus. */
    const channelsOf = ({ pending }: CommittedEvent): readonly string[] =>
      pending.map(({ channel, isFirst }) => `${channel}${isFirst ? '' : ' +'}`).toSorted()
    const named = (displayName: string) => ({ displayName: displayName as DisplayName })
    const renaming = (user: User) => async () => updatedUser(subject, user, named('Zoë, {"\\} 🦊'))

    beforeAll(async () => {
      await syncModes.noteDeployment({ hasReceiver: true, channels: SYNC_CHANNELS })
    })
    beforeEach(async () => {
      leases = (await subject.leases.keep('the only relay')).held
      await become('dual')
      await deliverAll()
    })

    test('is the event as a look at the outbox reads it, whatever the change was', async () => {
      const user = await storedUser(subject)
      const state = stateOf({ isActive: true })
      const changes: readonly (() => Promise<unknown>)[] = [
        () =>
          stores.users.insert(uniqueUserId(), state, formsOf(state.username), announcement(TRACE)),
        () => stores.registrations.register(registrationOf()),
        renaming(user),
        async () => {
          const present = (await stores.users.find(user.id)) ?? user
          await updatedUser(subject, present, { isActive: false, role: 'moderator', email: null })
        },
        async () => stores.users.remove((await stores.users.find(user.id)) ?? user, announcement()),
      ]
      for (const change of changes) {
        await deliverAll()
        const begunAt = performance.now()
        const committed = await reportedOnce(change)
        for (const channel of SYNC_CHANNELS) {
          const [delivery, ...others] = await due(channel)
          expect(others).toEqual([])
          expect(delivery).toEqual({
            channel,
            attempts: 0,
            replayId: null,
            event: committed.event,
          })
        }
        expect(channelsOf(committed)).toEqual(SYNC_CHANNELS.toSorted())
        expect(committed.begunAt).toBeGreaterThanOrEqual(begunAt)
        expect(committed.begunAt).toBeLessThan(performance.now())
      }
    })

    test('says for each channel whether something older of the user is owed there', async () => {
      const user = await storedUser(subject)
      await acknowledge(V1)
      await storedUser(subject)
      expect(channelsOf(await reportedOnce(renaming(user)))).toEqual([
        `${HTTP} +`,
        `${FIRST} +`,
        V1,
      ])
    })

    test('counts what waits for its next attempt as owed, and nothing that is parked', async () => {
      const user = await storedUser(subject)
      await acknowledge(HTTP)
      const [[waiting], [parked]] = await Promise.all([due(FIRST), due(V1)])
      if (waiting === undefined || parked === undefined) throw new Error('nothing is due')
      expect(await deliveries.retryAt(waiting, leaseOf(waiting), noonPlus(60), 'closed')).toBe(true)
      expect(await deliveries.park(parked, leaseOf(parked), 'too large')).toBe(true)
      expect(channelsOf(await reportedOnce(renaming(user)))).toEqual([HTTP, `${FIRST} +`, V1])
    })

    test('names the channels that the mode delivers on, and none that stands by', async () => {
      const channelsIn = async (...mode: Parameters<typeof modeOf>) => {
        await become(...mode)
        return channelsOf(await reportedOnce(() => storedUser(subject)))
      }
      expect(await channelsIn('http')).toEqual([HTTP])
      expect(await channelsIn('dual')).toEqual([HTTP, FIRST, V1])
      expect(await channelsIn('canary', 0)).toEqual([HTTP, FIRST, V1])
      expect(await channelsIn('canary', 100)).toEqual([FIRST, V1])
      expect(await channelsIn('events')).toEqual([FIRST, V1])
      expect(await channelsIn('events', undefined, true)).toEqual([HTTP, FIRST, V1])
    })

    test('names the channel that stands by while it is needed, and counts what stood by as owed', async () => {
      await become('events')
      const user = await storedUser(subject)
      await acknowledge(V1)
      await syncModes.arm()
      expect((await syncModes.read()).armed).toBe(true)
      expect(channelsOf(await reportedOnce(renaming(user)))).toEqual([
        `${HTTP} +`,
        `${FIRST} +`,
        V1,
      ])
      await deliverAll()
      expect(channelsOf(await reportedOnce(() => storedUser(subject)))).toEqual([HTTP, FIRST, V1])
    })

    test('is each event of a transaction, after its commit', async () => {
      const id = uniqueUserId()
      const state = stateOf()
      const forms = formsOf(state.username)
      const events = await reported(() =>
        subject.transact(async ({ users }) => {
          const inserted = await users.insert(id, state, forms, announcement())
          if (!inserted.ok) return inserted
          const before = subject.committed.length
          await users.update(inserted.value, state, [], forms, announcement())
          expect(subject.committed.length).toBe(before)
          return ok(null)
        }),
      )
      expect(events.map(({ event: { version } }) => version)).toEqual([1, 2])
      expect(events.map(channelsOf)).toEqual([
        [HTTP, FIRST, V1],
        [`${HTTP} +`, `${FIRST} +`, `${V1} +`],
      ])
      expect((await due(FIRST)).map(({ event }) => event)).toEqual(events.map(({ event }) => event))
    })

    test('is nothing after a refusal, a lost race or a rollback', async () => {
      const user = await storedUser(subject)
      const newer = await updatedUser(subject, user, named('newer'))
      const events = await reported(async () => {
        const forms = formsOf(user.username)
        const stale = await stores.users.update(user, user, [], forms, announcement())
        const taken = await stores.users.insert(uniqueUserId(), newer, forms, announcement())
        const removed = await stores.users.remove(user, announcement())
        expect([stale.ok, taken.ok, removed.ok]).toEqual([false, false, false])
        await subject.transact(async ({ users }) => {
          await users.update(newer, newer, [], forms, announcement())
          return fail({ kind: 'changed-my-mind' })
        })
        const defect = subject.transact(async ({ users }) => {
          await users.update(newer, newer, [], forms, announcement())
          throw new Error('a defect')
        })
        await expect(defect).rejects.toThrow('a defect')
      })
      expect(events).toEqual([])
    })
  })
