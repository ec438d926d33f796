import { beforeAll, describe, expect, test } from 'bun:test'
import { v7 } from 'uuid'
import { publishedState } from '../../../../src/domain/accounts/user.ts'
import type { EventId, UserId } from '../../../../src/domain/shared/ids.ts'
import {
  stateOf,
  storedUser,
  uniqueUserId,
  updatedUser,
} from '../../../support/builders/accounts/stored-users.ts'
import type { StoresUnderTest } from '../../../support/builders/database/given-stores.ts'
import { FIRST, SECOND } from '../../../support/builders/database/given-stores.ts'

/** What every adapter of rebases promises. */
export const rebasesContract = (name: string, open: () => Promise<StoresUnderTest>) =>
  describe(`a rebase on ${name}`, () => {
    let subject: StoresUnderTest
    beforeAll(async () => {
      subject = await open()
    })
    const nextEventId = () => v7() as EventId
    const raise = (...[by = 1_000_000, vanished = []]: Partial<Parameters<typeof rebase>>) =>
      rebase(by, vanished)
    const rebase = (
      by: number,
      vanished: Parameters<StoresUnderTest['rebases']['raiseVersions']>[1],
    ) => subject.rebases.raiseVersions(by, vanished, nextEventId)
    const entriesOf = async (id: UserId) =>
      (await subject.ledger.read({ after: null, userId: id, limit: 10 }))?.entries ?? []

    test('lifts every user and announces each to every channel, and changes nothing else', async () => {
      const one = await storedUser(subject)
      const other = await updatedUser(subject, await storedUser(subject), { role: 'moderator' })
      const commits = subject.commits()
      const { lifted, deleted } = await raise()
      expect([lifted, deleted]).toEqual([await subject.snapshots.count(), 0])
      expect(subject.commits()).toBe(commits + 1)
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
      const vanished = { userId: uniqueUserId(), version: 7, state: stateOf() }
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
      const vanished = { userId: uniqueUserId(), version: 7, state: stateOf() }
      for (const by of [1_000_001, 0, -1_000_000])
        await expect(raise(by, [vanished])).rejects.toThrow()
      expect(await subject.stores.users.find(user.id)).toEqual(user)
      expect(await entriesOf(vanished.userId)).toEqual([])
      expect(await entriesOf(user.id)).toHaveLength(1)
    })
  })
