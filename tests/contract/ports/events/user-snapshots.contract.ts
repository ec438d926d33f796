import { beforeAll, describe, expect, test } from 'bun:test'
import type { UserEvent } from '../../../../src/domain/events/user-event.ts'
import type { UserId } from '../../../../src/domain/shared/ids.ts'
import {
  announcement,
  storedUser,
  updatedUser,
} from '../../../support/builders/accounts/stored-users.ts'
import type { StoresUnderTest } from '../../../support/builders/database/given-stores.ts'

/** What every adapter of user snapshots promises. */
export const userSnapshotsContract = (name: string, open: () => Promise<StoresUnderTest>) =>
  describe(`snapshots of users on ${name}`, () => {
    let subject: StoresUnderTest
    beforeAll(async () => {
      subject = await open()
    })
    const walk = async (limit: number): Promise<UserEvent[]> => {
      const all: UserEvent[] = []
      let after: UserId | null = null
      for (;;) {
        const page: UserEvent[] = await subject.snapshots.page(after, limit)
        expect(page.length).toBeLessThanOrEqual(limit)
        all.push(...page)
        after = page.at(-1)?.userId ?? null
        if (page.length < limit) return all
      }
    }
    const ofUser = (events: readonly UserEvent[], id: UserId) =>
      events.filter(({ userId }) => userId === id)
    const lastOf = async (id: UserId) => {
      const page = await subject.ledger.read({ after: null, userId: id, limit: 10 })
      return page?.entries.at(-1)?.event
    }

    test('hold each user once, at the present version, under the id of its event', async () => {
      const fresh = await storedUser(subject)
      const changed = await updatedUser(subject, await storedUser(subject), { isActive: false })
      const all = await walk(3)
      for (const user of [fresh, changed]) {
        const event = await lastOf(user.id)
        expect(ofUser(all, user.id)).toEqual([
          { ...(event as UserEvent), changed: [], traceparent: null },
        ])
      }
      expect(new Set(all.map(({ userId }) => userId)).size).toBe(all.length)
      expect(all.map(({ userId }) => userId)).toEqual(all.map(({ userId }) => userId).toSorted())
    })

    test('hold no deleted user, and count as many users as they hold', async () => {
      const gone = await storedUser(subject)
      await subject.stores.users.remove(gone, announcement())
      const all = await walk(100)
      expect(ofUser(all, gone.id)).toEqual([])
      expect(await subject.snapshots.count()).toBe(all.length)
    })
  })
