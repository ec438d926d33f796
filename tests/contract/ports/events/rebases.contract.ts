import { beforeEach, describe, expect, test } from 'bun:test'
import { v7 } from 'uuid'
import { publishedState } from '../../../../src/domain/accounts/user.ts'
import type { PublishedUser, RebaseCounts } from '../../../../src/domain/events/rebase.ts'
import type { EventId, UserId } from '../../../../src/domain/shared/ids.ts'
import { fail } from '../../../../src/domain/shared/result.ts'
import {
  announcement,
  stateOf,
  storedUser,
  uniqueUserId,
  updatedUser,
} from '../../../support/builders/accounts/stored-users.ts'
import type { StoresUnderTest } from '../../../support/builders/database/given-stores.ts'
import { FIRST, SECOND } from '../../../support/builders/database/given-stores.ts'

export type RebasesUnderTest = StoresUnderTest & {
  lapseLeases(instance: string): Promise<void>
  lapseInstance(instance: string): Promise<void>
}

/** What every adapter of rebases promises. */
export const rebasesContract = (name: string, open: () => Promise<RebasesUnderTest>) =>
  describe(`a rebase on ${name}`, () => {
    let subject: RebasesUnderTest
    // No instance holds a lease.
    beforeEach(async () => {
      subject = await open()
    })
    const nextEventId = () => v7() as EventId
    const begun = async () => {
      const start = await subject.rebases.begin()
      if (start === null) throw new Error('an instance is serving')
      return start
    }
    const raise = async (
      by = 1_000_000,
      vanished: readonly PublishedUser[] = [],
      nextId = nextEventId,
    ): Promise<RebaseCounts> => {
      const raised = await subject.rebases.raiseVersions(await begun(), by, vanished, nextId)
      if (!raised.ok) throw new Error(raised.refusal.kind)
      return raised.value
    }
    const givenVanished = (): PublishedUser => ({
      userId: uniqueUserId(),
      version: 7,
      state: stateOf(),
    })
    /** A step that no test before has used, so that everybody is below it. */
    const nextStep = async (): Promise<number> => {
      const page = await subject.snapshots.page(null, 10_000)
      const highest = Math.max(0, ...page.map(({ version }) => version))
      return 1_000_000 * (Math.floor(highest / 1_000_000) + 1)
    }
    const entriesOf = async (id: UserId) =>
      (await subject.ledger.read({ after: null, userId: id, limit: 10 }))?.entries ?? []

    test('lifts every user and announces each to every channel, and changes nothing else', async () => {
      const one = await storedUser(subject)
      const other = await updatedUser(subject, await storedUser(subject), { role: 'moderator' })
      const wakes = subject.wakes()
      const { lifted, deleted } = await raise()
      expect([lifted, deleted]).toEqual([await subject.snapshots.count(), 0])
      expect(subject.wakes()).toBe(wakes + 1)
      for (const user of [one, other]) {
        const after = await subject.stores.users.find(user.id)
        if (after === null) throw new Error('the user is gone')
        const { updatedAt, ...others } = user
        expect(after).toMatchObject({ ...others, version: user.version + 1_000_000 })
        expect(after.updatedAt.getTime()).toBeGreaterThan(updatedAt.getTime())
        const last = (await entriesOf(user.id)).at(-1)
        expect(last?.event).toMatchObject({
          version: after.version,
          action: 'updated',
          changed: [],
          traceparent: null,
          state: publishedState(after),
          occurredAt: after.updatedAt,
        })
        expect(last?.deliveries).toMatchObject(
          [FIRST, SECOND].map((channel) => ({ channel, state: 'pending', attempts: 0 })),
        )
      }
    })

    test('is the base of the next change and of the next snapshot', async () => {
      const user = await storedUser(subject)
      await raise(3_000_000)
      const lifted = await subject.stores.users.find(user.id)
      if (lifted === null) throw new Error('the user is gone')
      const next = await updatedUser(subject, lifted, { isActive: false })
      expect(next.version).toBe(3_000_002)
      const page = await subject.snapshots.page(null, 10_000)
      const { eventId, version } = page.find(({ userId }) => userId === user.id) ?? {}
      const last = (await entriesOf(user.id)).at(-1)?.event
      expect([eventId, version]).toEqual([last?.eventId, 3_000_002])
    })

    test('announces as deleted the users whom only consumers know, and no existing user', async () => {
      const here = await storedUser(subject)
      const vanished = givenVanished()
      expect(await subject.rebases.unknownUsers([vanished.userId, here.id])).toEqual([
        vanished.userId,
      ])
      expect(await subject.rebases.unknownUsers([])).toEqual([])
      const known = { userId: here.id, version: 2, state: publishedState(here) }
      expect((await raise(1_000_000, [vanished, known])).deleted).toBe(1)
      expect(await entriesOf(vanished.userId)).toMatchObject([
        {
          event: { version: 1_000_007, action: 'deleted', state: vanished.state },
          deliveries: [{ channel: FIRST }, { channel: SECOND }],
        },
      ])
      expect((await entriesOf(here.id)).map(({ event }) => event.action)).toEqual([
        'created',
        'updated',
      ])
    })

    test('by anything but millions is refused and changes nothing', async () => {
      const user = await storedUser(subject)
      const vanished = givenVanished()
      for (const by of [1_000_001, 0, -1_000_000])
        await expect(raise(by, [vanished])).rejects.toThrow()
      expect(await subject.stores.users.find(user.id)).toEqual(user)
      expect(await entriesOf(vanished.userId)).toEqual([])
      expect(await entriesOf(user.id)).toHaveLength(1)
    })

    test('that is repeated does nothing again, and counts what the first run did [PR2]', async () => {
      const user = await storedUser(subject)
      const by = await nextStep()
      const vanished = givenVanished()
      const first = await raise(by, [vanished])
      expect(first).toMatchObject({ liftedBefore: 0, deleted: 1, deletedBefore: 0 })
      const changed = await subject.stores.users.find(user.id)
      expect(await raise(by, [vanished])).toEqual({
        lifted: 0,
        liftedBefore: first.lifted,
        deleted: 0,
        deletedBefore: 1,
      })
      expect(await subject.stores.users.find(user.id)).toEqual(changed)
      expect(await entriesOf(vanished.userId)).toHaveLength(1)
      expect(await entriesOf(user.id)).toHaveLength(2)
    })

    test('that is repeated raises whoever changed or registered since, and no other [PR2]', async () => {
      const [one, other] = [await storedUser(subject), await storedUser(subject)]
      const by = await nextStep()
      const { lifted } = await raise(by)
      const raised = await subject.stores.users.find(one.id)
      if (raised === null) throw new Error('the user is gone')
      await updatedUser(subject, raised, { isActive: false })
      const late = await storedUser(subject)
      expect(await raise(by)).toMatchObject({ lifted: 2, liftedBefore: lifted - 1 })
      const versionOf = async ({ id }: { readonly id: UserId }) =>
        (await subject.stores.users.find(id))?.version
      expect(await versionOf(one)).toBe(2 * by + 2)
      expect(await versionOf(other)).toBe(by + 1)
      expect(await versionOf(late)).toBe(by + 1)
    })

    test('that ends at any point is completed by the next run [PR2]', async () => {
      const [one, other] = [await storedUser(subject), await storedUser(subject)]
      const by = await nextStep()
      // More than one statement takes.
      const vanished = Array.from({ length: 501 }, givenVanished)
      const users = await subject.snapshots.count()
      for (const last of [0, 1, users - 1, users, users + 1, users + 500]) {
        let given = 0
        const dying = () => {
          given += 1
          if (given > last) throw new Error('killed')
          return nextEventId()
        }
        await expect(raise(by, vanished, dying)).rejects.toThrow('killed')
        expect(await subject.stores.users.find(one.id)).toEqual(one)
        for (const { userId } of [...vanished.slice(0, 1), ...vanished.slice(-1)])
          expect(await entriesOf(userId)).toEqual([])
      }
      expect(await raise(by, vanished)).toEqual({
        lifted: users,
        liftedBefore: 0,
        deleted: 501,
        deletedBefore: 0,
      })
      expect((await subject.stores.users.find(other.id))?.version).toBe(by + 1)
    })

    test('is refused while an instance holds a lease, or looks for one, and changes nothing [PR2]', async () => {
      const user = await storedUser(subject)
      const vanished = givenVanished()
      const start = await begun()
      await subject.leases.keep('an instance')
      await subject.leases.keep('a newcomer')
      for (const leaving of ['an instance', 'a newcomer']) {
        expect(await subject.rebases.begin()).toBeNull()
        expect(
          await subject.rebases.raiseVersions(start, await nextStep(), [vanished], nextEventId),
        ).toEqual(fail({ kind: 'still-serving' }))
        await subject.leases.leave(leaving)
      }
      expect(await subject.stores.users.find(user.id)).toEqual(user)
      expect(await entriesOf(vanished.userId)).toEqual([])
      expect(await raise(await nextStep(), [vanished])).toMatchObject({ deleted: 1 })
    })

    test('is refused for a lease or an instance that lives, and not for one that was killed [PR2]', async () => {
      const mayBegin = async () => (await subject.rebases.begin()) !== null
      await subject.leases.keep('killed')
      await subject.lapseInstance('killed')
      expect(await mayBegin()).toBe(false)
      await subject.leases.keep('killed')
      await subject.lapseLeases('killed')
      expect(await mayBegin()).toBe(false)
      await subject.lapseInstance('killed')
      expect(await mayBegin()).toBe(true)
      expect(await raise(await nextStep())).toMatchObject({ deleted: 0 })
    })

    test('is refused when somebody was changed since it began, and changes nothing [PR2]', async () => {
      const [user, leaving] = [await storedUser(subject), await storedUser(subject)]
      const vanished = givenVanished()
      const start = await begun()
      // By an instance that answers requests only, and holds no lease.
      await subject.stores.users.remove(leaving, announcement())
      expect(
        await subject.rebases.raiseVersions(start, await nextStep(), [vanished], nextEventId),
      ).toEqual(fail({ kind: 'still-serving' }))
      expect(await subject.stores.users.find(user.id)).toEqual(user)
      expect(await entriesOf(vanished.userId)).toEqual([])
      expect(await raise(await nextStep(), [vanished])).toMatchObject({ deleted: 1 })
    })
  })
