import { beforeAll, describe, expect, test } from 'bun:test'
import type { UserId } from '../../../../src/domain/shared/ids.ts'
import { fail } from '../../../../src/domain/shared/result.ts'
import {
  announcement,
  formsOf,
  stateOf,
  storedUser,
  uniqueUserId,
  updatedUser,
} from '../../../support/builders/accounts/stored-users.ts'
import type { StoresUnderTest } from '../../../support/builders/database/given-stores.ts'

/** What every adapter of the ledger promises. */
export const ledgerContract = (name: string, open: () => Promise<StoresUnderTest>) =>
  describe(`the ledger kept in ${name}`, () => {
    let subject: StoresUnderTest
    beforeAll(async () => {
      subject = await open()
    })
    const read = async (after: string | null, limit: number, userId: UserId | null = null) => {
      const page = await subject.ledger.read({ after, userId, limit })
      if (page === null) throw new Error('the cursor was refused')
      const ids = page.entries.map(({ event }) => event.userId)
      return { ids, next: page.next, versions: page.entries.map(({ event }) => event.version) }
    }
    /** A cursor behind everything that there is. */
    const end = async () => {
      let page = await read(null, 1000)
      for (let pages = 1; page.ids.length > 0; pages += 1) {
        if (pages > 20) throw new Error('the ledger has no end')
        page = await read(page.next, 1000)
      }
      return page.next
    }

    test('changes are read oldest first, page by page, each once', async () => {
      const start = await end()
      const users = [
        await storedUser(subject),
        await storedUser(subject),
        await storedUser(subject),
      ]
      const first = await read(start, 2)
      const second = await read(first.next, 2)
      expect([...first.ids, ...second.ids]).toEqual(users.map(({ id }) => id))
    })

    test('a tail keeps its place when nothing is new, and goes on when something is', async () => {
      const start = await end()
      const empty = await read(start, 10)
      expect(empty).toEqual({ ids: [], versions: [], next: start })
      const user = await storedUser(subject)
      expect((await read(empty.next, 10)).ids).toEqual([user.id])
    })

    test('the same cursor gives the same page again', async () => {
      const start = await end()
      await storedUser(subject)
      const page = await read(start, 1)
      await storedUser(subject)
      expect(await read(start, 1)).toEqual(page)
    })

    test('the versions of one user can be read alone', async () => {
      const user = await storedUser(subject)
      await storedUser(subject)
      const second = await updatedUser(subject, user, { isActive: false })
      await subject.stores.users.remove(second, announcement())
      expect((await read(null, 10, user.id)).versions).toEqual([1, 2, 3])
      const first = await read(null, 1, user.id)
      expect((await read(first.next, 10, user.id)).versions).toEqual([2, 3])
      expect((await read(null, 10, uniqueUserId())).ids).toEqual([])
    })

    test('several changes in one transaction are read in their order', async () => {
      const { id, ...state } = { id: uniqueUserId(), ...stateOf() }
      await subject.transact(async ({ users }) => {
        const first = await users.insert(id, state, formsOf(state.username), announcement())
        if (!first.ok) return first
        const next = { ...state, isActive: false }
        return users.update(
          first.value,
          next,
          ['isActive'],
          formsOf(state.username),
          announcement(),
        )
      })
      expect((await read(null, 10, id)).versions).toEqual([1, 2])
      const first = await read(null, 1, id)
      expect((await read(first.next, 1, id)).versions).toEqual([2])
    })

    test('a tail can begin a few changes before the end, for one user or for all', async () => {
      const { beforeLast } = subject.ledger
      const first = await storedUser(subject)
      const second = await storedUser(subject)
      const again = await updatedUser(subject, first, { isActive: false })
      expect((await read(await beforeLast(2, null), 10)).ids).toEqual([second.id, again.id])
      expect((await read(await beforeLast(0, null), 10)).ids).toEqual([])
      expect((await read(await beforeLast(1, first.id), 10, first.id)).versions).toEqual([2])
      expect(await beforeLast(2, first.id)).toBeNull()
      expect(await beforeLast(1_000_000, null)).toBeNull()
    })

    test('what was rolled back is never read', async () => {
      const start = await end()
      await subject.transact(async ({ users }) => {
        const state = stateOf()
        await users.insert(uniqueUserId(), state, formsOf(state.username), announcement())
        return fail({ kind: 'no' })
      })
      expect((await read(start, 10)).ids).toEqual([])
    })

    test('a cursor that no ledger wrote is refused with null', async () => {
      const { next } = await read(null, 1)
      const encode = (text: string) => Buffer.from(text).toString('base64url')
      const garbage = [
        '',
        'x',
        '%00',
        "' or 1=1",
        `${next}=`,
        `${next} `,
        encode(''),
        encode('1'),
        encode('1.'),
        encode('1.2.3'),
        encode('-1.2'),
        encode('01.2'),
        encode('1.2e3'),
        encode('18446744073709551616.1'),
        encode('1.9223372036854775808'),
        'A'.repeat(10_000),
      ]
      for (const after of garbage)
        expect(await subject.ledger.read({ after, userId: null, limit: 1 })).toBeNull()
    })
  })
