import { beforeAll, describe, expect, test } from 'bun:test'
import { sessionStartedEntry } from '../../../../src/application/audit/audit-entries.ts'
import type { User } from '../../../../src/domain/accounts/user.ts'
import { CONSECUTIVE_FAILURES_CAP } from '../../../../src/domain/limits/limits.ts'
import type { AddressPrefix } from '../../../../src/domain/shared/address-prefix.ts'
import { ok } from '../../../../src/domain/shared/result.ts'
import {
  announcement,
  ELSEWHERE,
  formsOf,
  HOME,
  NOON,
  sessionOf,
  storedUser,
  updatedUser,
} from '../../../support/builders/accounts/stored-users.ts'
import type { StoresUnderTest } from '../../../support/builders/database/given-stores.ts'
import { FIRST_PAGE } from '../../../support/builders/sessions/given-sessions.ts'

const HASH = 'a hash'

/** What every adapter of `PasswordSignIns` promises. */
export const passwordSignInsContract = (name: string, open: () => Promise<StoresUnderTest>) =>
  describe(`password sign-ins in ${name}`, () => {
    let subject: StoresUnderTest
    beforeAll(async () => {
      subject = await open()
    })
    const givenUser = async (hash: string = HASH): Promise<User> => {
      const user = await storedUser(subject)
      await subject.stores.credentials.setPasswordHash(user.id, hash)
      return user
    }
    const openSession = async (user: User, addressPrefix: AddressPrefix = HOME, keep = 50) => {
      const session = sessionOf(user)
      const entry = sessionStartedEntry('sign-in.succeeded', session, addressPrefix)
      const opened = await subject.stores.passwordSignIns.openSession({
        session,
        passwordHash: HASH,
        addressPrefix,
        entry,
        keep,
      })
      const { user: signedIn = null, mayHaveSurplus } = opened ?? {}
      return { session, entry, signedIn, mayHaveSurplus }
    }
    const recordOf = ({ username }: User) => {
      const { canonical } = formsOf(username)
      const identifier = { kind: 'username', canonical } as const
      return subject.stores.credentials.forSignIn(identifier, HOME, NOON)
    }
    const fail = async ({ id }: User, times: number, prefix: AddressPrefix = HOME) => {
      for (let time = 0; time < times; time += 1)
        await subject.stores.credentials.signInFailed(id, prefix, NOON)
    }
    const expectNothingChanged = async (user: User) => {
      expect(await subject.stores.sessions.ofUser(user.id, NOON, FIRST_PAGE)).toEqual([])
      expect(await subject.auditOf(user.id)).toEqual([])
      expect((await recordOf(user))?.knownPrefix ?? false).toBe(false)
    }

    test('start the session, audit it, clear the failures of the address and remember the address', async () => {
      const user = await givenUser()
      await fail(user, 3, HOME)
      await fail(user, 4, ELSEWHERE)
      const { session, entry, signedIn } = await openSession(user)
      expect(signedIn).toEqual(user)
      expect(await subject.stores.sessions.find(session.id)).toEqual(session)
      expect(await recordOf(user)).toMatchObject({ consecutiveFailures: 4, knownPrefix: true })
      const { stores } = subject
      expect(await stores.credentials.passwordHash(user.id)).toBe(HASH)
      expect(await subject.auditOf(user.id)).toEqual([
        {
          ...entry,
          sessionId: session.id,
          identifierMac: null,
          details: null,
          traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
        },
      ])
    })

    test('answer the user as stored now', async () => {
      const user = await givenUser()
      const renamed = await updatedUser(subject, user, { displayName: null, avatar: null })
      expect((await openSession(user)).signedIn).toEqual(renamed)
    })

    test('in parallel open one session each', async () => {
      const user = await givenUser()
      const opened = await Promise.all(Array.from({ length: 20 }, () => openSession(user)))
      const begun = await subject.stores.sessions.ofUser(user.id, NOON, FIRST_PAGE)
      expect(begun.map(({ id }) => id).toSorted()).toEqual(
        opened.map(({ session }) => session.id).toSorted(),
      )
    })

    test('in parallel, from a known address or not, each count the sessions of those before them [SE15]', async () => {
      for (const prefix of [HOME, ELSEWHERE]) {
        const user = await givenUser()
        const keep = 5
        await openSession(user, HOME, keep)
        const opened = await Promise.all(
          Array.from({ length: 11 }, () => openSession(user, prefix, keep)),
        )
        expect(opened.filter(({ mayHaveSurplus }) => mayHaveSurplus)).toHaveLength(12 - keep)
      }
    })

    test('do not count sessions that have ended', async () => {
      const user = await givenUser()
      const { session } = await openSession(user, HOME, 1)
      await subject.stores.sessions.end(session.id, user.id, NOON)
      expect(await openSession(user, HOME, 1)).toMatchObject({ mayHaveSurplus: false })
      expect(await openSession(user, HOME, 1)).toMatchObject({ mayHaveSurplus: true })
      // Another test counts all sessions that have ended.
      await subject.stores.users.remove(user, announcement())
    })

    test('are refused when the hash is another one, and nothing changes [SE8]', async () => {
      const user = await givenUser('another hash')
      expect((await openSession(user)).signedIn).toBeNull()
      await expectNothingChanged(user)
    })

    test('are refused when there is no hash', async () => {
      const user = await storedUser(subject)
      expect((await openSession(user)).signedIn).toBeNull()
      await fail(user, 1)
      expect((await openSession(user)).signedIn).toBeNull()
      await expectNothingChanged(user)
    })

    test('to an inactive account are refused, and nothing changes', async () => {
      const user = await givenUser()
      await updatedUser(subject, user, { isActive: false })
      await fail(user, 2)
      expect((await openSession(user)).signedIn).toBeNull()
      await expectNothingChanged(user)
      expect((await recordOf(user))?.consecutiveFailures).toBe(2)
    })

    test('to a deleted account are refused without a fault', async () => {
      const user = await givenUser()
      await subject.stores.users.remove(user, announcement())
      expect((await openSession(user)).signedIn).toBeNull()
      expect(await subject.auditOf(user.id)).toEqual([])
    })

    test('at the cap of failures are for known addresses only [BF6]', async () => {
      const user = await givenUser()
      await openSession(user, ELSEWHERE)
      await fail(user, CONSECUTIVE_FAILURES_CAP)
      expect((await openSession(user, HOME)).signedIn).toBeNull()
      expect((await recordOf(user))?.consecutiveFailures).toBe(CONSECUTIVE_FAILURES_CAP)
      expect((await openSession(user, ELSEWHERE)).signedIn).toEqual(user)
      expect(await subject.stores.sessions.ofUser(user.id, NOON, FIRST_PAGE)).toHaveLength(2)
    })

    test.each([
      [
        'the password is replaced [SE8]',
        ({ id }: User, { credentials }: StoresUnderTest['stores']) =>
          credentials.setPasswordHash(id, 'another hash'),
      ],
      [
        'the hundredth guess is counted [BF6]',
        ({ id }: User, { credentials }: StoresUnderTest['stores']) =>
          credentials.signInFailed(id, ELSEWHERE, NOON),
      ],
    ])('during a transaction in which %s wait for it, and are refused', async (_what, change) => {
      const user = await givenUser()
      await fail(user, CONSECUTIVE_FAILURES_CAP - 1, ELSEWHERE)
      const waiting: ReturnType<typeof openSession>[] = []
      await subject.transact(async (stores) => {
        await change(user, stores)
        waiting.push(openSession(user))
        await Bun.sleep(100)
        return ok(null)
      })
      expect(waiting).toHaveLength(1)
      for (const { signedIn } of await Promise.all(waiting)) expect(signedIn).toBeNull()
      await expectNothingChanged(user)
    })
  })
