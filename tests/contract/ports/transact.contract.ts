import { beforeAll, describe, expect, test } from 'bun:test'
import { fail, ok } from '../../../src/domain/shared/result.ts'
import {
  announcement,
  formsOf,
  sessionOf,
  stateOf,
  storedUser,
  uniqueUserId,
} from '../../support/builders/accounts/stored-users.ts'
import type { StoresUnderTest } from '../../support/builders/database/given-stores.ts'

/** What every adapter of `Transact` promises. */
export const transactContract = (name: string, open: () => Promise<StoresUnderTest>) =>
  describe(`transactions on ${name}`, () => {
    let subject: StoresUnderTest
    beforeAll(async () => {
      subject = await open()
    })
    const ledgerOf = async (userId: ReturnType<typeof uniqueUserId>) =>
      (await subject.ledger.read({ after: null, userId, limit: 10 }))?.entries ?? []
    const register = () => ({ id: uniqueUserId(), state: stateOf(), announced: announcement() })

    test('a successful transaction commits all its parts and is reported event by event', async () => {
      const { id, state, announced } = register()
      const before = subject.committed.length
      const result = await subject.transact(async ({ users, credentials, sessions }) => {
        const user = await users.insert(id, state, formsOf(state.username), announced)
        if (!user.ok) return user
        await credentials.setPasswordHash(id, 'hash')
        await sessions.start(sessionOf(user.value))
        expect(subject.committed.length).toBe(before)
        return users.update(user.value, state, [], formsOf(state.username), announcement())
      })
      expect(result).toMatchObject({ ok: true, value: { id, version: 2 } })
      expect(await subject.stores.credentials.passwordHash(id)).toBe('hash')
      expect((await ledgerOf(id)).map(({ event }) => event.version)).toEqual([1, 2])
      const reported = subject.committed.slice(before).map(({ event }) => event.version)
      expect(reported).toEqual([1, 2])
    })

    test('a refusal rolls everything back, events included, and is the answer', async () => {
      const { id, state, announced } = register()
      const before = subject.committed.length
      const result = await subject.transact(async ({ users }) => {
        await users.insert(id, state, formsOf(state.username), announced)
        return fail({ kind: 'changed-my-mind' })
      })
      expect(result).toEqual({ ok: false, refusal: { kind: 'changed-my-mind' } })
      expect(await subject.stores.users.find(id)).toBeNull()
      expect(await ledgerOf(id)).toEqual([])
      expect(subject.committed.length).toBe(before)
    })

    test('a fault rolls everything back and is thrown as it is', async () => {
      const { id, state, announced } = register()
      const fault = new Error('the machine stopped')
      const run = subject.transact(async ({ users }) => {
        await users.insert(id, state, formsOf(state.username), announced)
        throw fault
      })
      expect(await run.catch((thrown: unknown) => thrown)).toBe(fault)
      expect(await subject.stores.users.find(id)).toBeNull()
      expect(await ledgerOf(id)).toEqual([])
    })

    test('parallel writes are rolled back together when one of them fails', async () => {
      const { id, state, announced } = register()
      const run = subject.transact(async ({ users, credentials, sessions }) => {
        const user = await users.insert(id, state, formsOf(state.username), announced)
        if (!user.ok) return user
        const session = sessionOf(user.value)
        await Promise.all([
          sessions.start(session),
          sessions.start(session),
          credentials.setPasswordHash(id, 'hash'),
        ])
        return user
      })
      await expect(run).rejects.toThrow()
      expect(await subject.stores.users.find(id)).toBeNull()
      expect(await subject.stores.credentials.passwordHash(id)).toBeNull()
      expect(await subject.transact(async () => ok('the next one'))).toEqual(ok('the next one'))
    })

    test('a refused name can be the answer, and nothing of the transaction stays', async () => {
      const taken = await storedUser(subject)
      const { id, state, announced } = register()
      const result = await subject.transact(async ({ users }) => {
        await users.insert(id, state, formsOf(state.username), announced)
        const { email } = taken
        const second = stateOf({ email })
        return users.insert(uniqueUserId(), second, formsOf(second.username), announcement())
      })
      expect(result).toEqual({ ok: false, refusal: { kind: 'email-taken' } })
      expect(await subject.stores.users.find(id)).toBeNull()
    })

    test('a transaction that goes on after a refused name is not reported as committed', async () => {
      const taken = await storedUser(subject)
      const run = subject.transact(async ({ users }) => {
        const second = stateOf({ email: taken.email })
        await users.insert(uniqueUserId(), second, formsOf(second.username), announcement())
        return ok('all is well')
      })
      expect(await run.catch((fault: Error) => fault.message)).toContain('after a name conflict')
    })

    test('a transaction without an event is not reported', async () => {
      const user = await storedUser(subject)
      const before = subject.committed.length
      const result = await subject.transact(async ({ credentials }) => {
        await credentials.setPasswordHash(user.id, 'hash')
        return ok(null)
      })
      expect(result.ok).toBe(true)
      expect(subject.committed.length).toBe(before)
    })

    test('parallel transactions do not see the writes of each other', async () => {
      const users = await Promise.all(Array.from({ length: 10 }, () => storedUser(subject)))
      const results = await Promise.all(
        users.map((user, index) =>
          subject.transact(async ({ credentials }) => {
            await credentials.setPasswordHash(user.id, `hash ${index}`)
            return index % 2 === 0 ? ok(index) : fail({ kind: 'odd' })
          }),
        ),
      )
      expect(results.map(({ ok }) => ok)).toEqual(users.map((_, index) => index % 2 === 0))
      const hashes = await Promise.all(
        users.map(({ id }) => subject.stores.credentials.passwordHash(id)),
      )
      expect(hashes).toEqual(users.map((_, index) => (index % 2 === 0 ? `hash ${index}` : null)))
    })

    test('when two administrators leave at once, only one of them succeeds [AZ4]', async () => {
      const admins = await Promise.all([0, 1].map(() => storedUser(subject, { role: 'admin' })))
      const others = (await subject.stores.users.lockActiveAdmins()) - 2
      const leaving = await Promise.all(
        admins.map((admin) =>
          subject.transact<null, { kind: string }>(async ({ users }) =>
            (await users.lockActiveAdmins()) - others < 2
              ? fail({ kind: 'last-admin' })
              : users.remove(admin, announcement()),
          ),
        ),
      )
      expect(leaving.filter(({ ok }) => ok)).toHaveLength(1)
    })
  })
