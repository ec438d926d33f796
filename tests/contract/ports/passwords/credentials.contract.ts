import { beforeAll, describe, expect, test } from 'bun:test'
import type { User } from '../../../../src/domain/accounts/user.ts'
import { CONSECUTIVE_FAILURES_CAP } from '../../../../src/domain/limits/limits.ts'
import type { AddressPrefix } from '../../../../src/domain/shared/address-prefix.ts'
import { ok, fail as refuse } from '../../../../src/domain/shared/result.ts'
import {
  announcement,
  ELSEWHERE,
  formsOf,
  HOME,
  NOON,
  noonPlus,
  storedUser,
  uniqueEmail,
  uniqueUserId,
  updatedUser,
} from '../../../support/builders/accounts/stored-users.ts'
import type { StoresUnderTest } from '../../../support/builders/database/given-stores.ts'

const DAY = 86_400
const THIRTY_DAYS = 30 * DAY

/**
 * What is left of a hundred failures that are followed by more at the cap: just before and after a day, after some days and many,
 * by a clock that was put back; then after one more failure on the second day, and after its whole days.
 */
export const failuresOverDays = async (stores: StoresUnderTest['stores']) => {
  const user = await storedUser({ stores })
  const fail = (seconds: number, prefix = ELSEWHERE) =>
    stores.credentials.signInFailed(user.id, prefix, noonPlus(seconds))
  const { canonical } = formsOf(user.username)
  const left = async (...days: readonly number[]) => {
    const counts: (number | undefined)[] = []
    for (const seconds of days) {
      const identifier = { kind: 'username', canonical } as const
      const record = await stores.credentials.forSignIn(identifier, ELSEWHERE, noonPlus(seconds))
      counts.push(record?.consecutiveFailures)
    }
    return counts
  }
  for (let time = 0; time < CONSECUTIVE_FAILURES_CAP; time += 1) await fail(0, HOME)
  // Attempts that are refused at the cap neither count nor move the instant.
  for (const hours of [1, 5, 11, 17, 23]) await fail(hours * 3600)
  const untouched = await left(DAY - 1, DAY, 3 * DAY, 7 * DAY, 4000 * DAY, -DAY)
  await fail(DAY + 60)
  return [...untouched, ...(await left(DAY + 60, 2 * DAY, 2 * DAY - 1))]
}

export const HALVED_EACH_DAY = [100, 50, 12, 0, 0, 100, 51, 25, 51]

/** What every adapter of `Credentials` promises. */
export const credentialsContract = (name: string, open: () => Promise<StoresUnderTest>) =>
  describe(`credentials in ${name}`, () => {
    let subject: StoresUnderTest
    beforeAll(async () => {
      subject = await open()
    })
    const credentials = () => subject.stores.credentials
    const recordOf = (user: User, prefix: AddressPrefix = HOME, now = NOON) => {
      const { canonical } = formsOf(user.username)
      return credentials().forSignIn({ kind: 'username', canonical }, prefix, now)
    }
    const failuresOf = async (user: User) => (await recordOf(user))?.consecutiveFailures
    const fail = async (user: User, times: number, prefix: AddressPrefix = HOME) => {
      for (let time = 0; time < times; time += 1)
        await credentials().signInFailed(user.id, prefix, NOON)
    }

    /** Nothing is left of cleared failures that a success from elsewhere would take away from later ones. */
    const expectNothingOwnLeft = async (user: User) => {
      await fail(user, 3, '203.0.113.9' as AddressPrefix)
      await credentials().signInSucceeded(user.id, ELSEWHERE, noonPlus(60))
      expect(await failuresOf(user)).toBe(3)
    }

    test('an unknown identifier has no record', async () => {
      const email = uniqueEmail()
      expect(await credentials().forSignIn({ kind: 'email', email }, HOME, NOON)).toBeNull()
    })

    test('a user without a password has a record that says so [PW8]', async () => {
      const user = await storedUser(subject)
      const record = { user, passwordHash: null, consecutiveFailures: 0, knownPrefix: false }
      expect(await recordOf(user)).toEqual(record)
      expect(await credentials().passwordHash(user.id)).toBeNull()
    })

    test('email and username find the same record', async () => {
      const user = await storedUser(subject)
      await credentials().setPasswordHash(user.id, 'first')
      const email = user.email ?? uniqueEmail()
      const byEmail = await credentials().forSignIn({ kind: 'email', email }, HOME, NOON)
      expect(byEmail).toEqual(await recordOf(user))
      expect(byEmail?.passwordHash).toBe('first')
    })

    test('a password replaces the one before and keeps the failures', async () => {
      const user = await storedUser(subject)
      await credentials().setPasswordHash(user.id, 'first')
      await fail(user, 2)
      await credentials().setPasswordHash(user.id, 'second')
      expect(await credentials().passwordHash(user.id)).toBe('second')
      expect(await failuresOf(user)).toBe(2)
    })

    test('a locked account shows its hash, and an unknown one is null', async () => {
      const [user, other] = [await storedUser(subject), await storedUser(subject)]
      await credentials().setPasswordHash(user.id, 'first')
      const ids = [user.id, other.id, uniqueUserId()]
      const locked = await subject.transact(async (stores) => {
        const accounts: unknown[] = []
        for (const id of ids) accounts.push(await stores.credentials.lock(id))
        return ok(accounts)
      })
      expect(locked).toEqual(
        ok([
          { passwordHash: 'first', revocations: 0 },
          { passwordHash: null, revocations: 0 },
          null,
        ]),
      )
    })

    test('each revocation raises the number of one account, with or without a password [SE14]', async () => {
      const [user, other] = [await storedUser(subject), await storedUser(subject)]
      await credentials().setPasswordHash(user.id, 'first')
      for (const { id } of [user, other]) {
        expect(await credentials().revocations(id)).toBe(0)
        await Promise.all([1, 2, 3].map(() => credentials().revoke(id)))
        expect(await credentials().revocations(id)).toBe(3)
      }
      const locked = await subject.transact(async (stores) =>
        ok(await stores.credentials.lock(user.id)),
      )
      expect(locked).toEqual(ok({ passwordHash: 'first', revocations: 3 }))
    })

    test('a revocation of an unknown account does nothing [SE14]', async () => {
      const id = uniqueUserId()
      await credentials().revoke(id)
      expect(await credentials().revocations(id)).toBe(0)
    })

    test('a deactivation revokes, and no other change of a user does [SE14]', async () => {
      const user = await storedUser(subject)
      const promoted = await updatedUser(subject, user, { role: 'moderator' })
      expect(await credentials().revocations(user.id)).toBe(0)
      const inactive = await updatedUser(subject, promoted, { isActive: false })
      expect(await credentials().revocations(user.id)).toBe(1)
      const renamed = await updatedUser(subject, inactive, { displayName: null, role: 'user' })
      await updatedUser(subject, renamed, { isActive: true })
      expect(await credentials().revocations(user.id)).toBe(1)
    })

    test.each([
      ['a password', 'first'],
      ['the first password', null],
    ])(
      'of 20 replacements of %s that compare under the lock one succeeds [PW12]',
      async (_, from) => {
        const user = await storedUser(subject)
        if (from !== null) await credentials().setPasswordHash(user.id, from)
        const replaceBy = (to: string) =>
          subject.transact<null, 'changed'>(async (stores) => {
            const account = await stores.credentials.lock(user.id)
            if (account?.passwordHash !== from) return refuse('changed')
            await stores.credentials.setPasswordHash(user.id, to)
            return ok(null)
          })
        const outcomes = await Promise.all(
          Array.from({ length: 20 }, (__, index) => replaceBy(`new-${index}`)),
        )
        expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1)
      },
    )

    test('a password for an unknown user is a fault', async () => {
      const set = credentials().setPasswordHash(uniqueUserId(), 'hash')
      expect(await set.catch((fault: Error) => fault.message)).toContain('23503')
    })

    test('a rehash replaces only the hash that was verified [PW5]', async () => {
      const user = await storedUser(subject)
      await credentials().setPasswordHash(user.id, 'old')
      await credentials().rehash(user.id, 'another', 'wrong')
      expect(await credentials().passwordHash(user.id)).toBe('old')
      await Promise.all(
        ['new-1', 'new-2', 'new-3'].map((to) => credentials().rehash(user.id, 'old', to)),
      )
      expect(await credentials().passwordHash(user.id)).toMatch(/^new-[123]$/)
    })

    test('a rehash announces no event', async () => {
      const user = await storedUser(subject)
      await credentials().setPasswordHash(user.id, 'old')
      await credentials().rehash(user.id, 'old', 'new')
      expect(await subject.stores.users.find(user.id)).toEqual(user)
      const page = await subject.ledger.read({ after: null, userId: user.id, limit: 10 })
      expect(page?.entries).toHaveLength(1)
    })

    test('failures from all addresses are counted together', async () => {
      const user = await storedUser(subject)
      await fail(user, 3, HOME)
      await fail(user, 4, ELSEWHERE)
      expect(await failuresOf(user)).toBe(7)
    })

    test('failures never exceed the cap, however many come at once [BF6]', async () => {
      const user = await storedUser(subject)
      await fail(user, CONSECUTIVE_FAILURES_CAP - 5)
      const addresses = Array.from({ length: 20 }, (_, host) => `203.0.113.${host}`)
      await Promise.all(
        addresses.map((address) =>
          credentials().signInFailed(user.id, address as AddressPrefix, NOON),
        ),
      )
      expect(await failuresOf(user)).toBe(CONSECUTIVE_FAILURES_CAP)
    })

    test('an address counts no failure that the cap kept from counting [BF6]', async () => {
      const user = await storedUser(subject)
      await fail(user, CONSECUTIVE_FAILURES_CAP, ELSEWHERE)
      await fail(user, 3, HOME)
      await credentials().signInSucceeded(user.id, HOME, noonPlus(DAY))
      const left = await recordOf(user, HOME, noonPlus(DAY))
      expect(left?.consecutiveFailures).toBe(CONSECUTIVE_FAILURES_CAP / 2)
    })

    test('a success clears the failures of its own address only [BF6]', async () => {
      const user = await storedUser(subject)
      await fail(user, 3, HOME)
      await fail(user, 4, ELSEWHERE)
      expect(await credentials().signInSucceeded(user.id, HOME, NOON)).toBe(true)
      expect(await failuresOf(user)).toBe(4)
    })

    test('a success from a known address clears all failures [BF11]', async () => {
      const user = await storedUser(subject)
      await credentials().signInSucceeded(user.id, HOME, NOON)
      await fail(user, 3, HOME)
      await fail(user, 4, ELSEWHERE)
      expect(await credentials().signInSucceeded(user.id, HOME, noonPlus(60))).toBe(true)
      expect(await failuresOf(user)).toBe(0)
      await fail(user, 1, ELSEWHERE)
      expect(await failuresOf(user)).toBe(1)
      await expectNothingOwnLeft(user)
    })

    test('the failures halve every 24 hours, whatever is tried meanwhile [BF11]', async () => {
      expect(await failuresOverDays(subject.stores)).toEqual(HALVED_EACH_DAY)
    })

    test('the first failure after none begins its own 24 hours [BF11]', async () => {
      const user = await storedUser(subject)
      await fail(user, 1)
      await credentials().signInFailed(user.id, HOME, noonPlus(1.9 * DAY))
      await credentials().signInFailed(user.id, HOME, noonPlus(1.9 * DAY))
      const failures = async (days: number) =>
        (await recordOf(user, HOME, noonPlus(days * DAY)))?.consecutiveFailures
      expect(await failures(2.8)).toBe(2)
      expect(await failures(2.95)).toBe(1)
    })

    test('an account at the cap opens to every address after a day [BF11]', async () => {
      const user = await storedUser(subject)
      await fail(user, CONSECUTIVE_FAILURES_CAP, ELSEWHERE)
      expect(await credentials().signInSucceeded(user.id, HOME, noonPlus(DAY - 1))).toBe(false)
      expect(await credentials().signInSucceeded(user.id, HOME, noonPlus(DAY))).toBe(true)
      expect(await failuresOf(user)).toBe(50)
    })

    test('a success takes away what is left of the failures of its address [BF11]', async () => {
      const user = await storedUser(subject)
      await fail(user, 9, HOME)
      await fail(user, 7, ELSEWHERE)
      await credentials().signInSucceeded(user.id, HOME, noonPlus(DAY))
      // Of 16 failures 8 are left; 4 of the 9 at home.
      expect((await recordOf(user, HOME, noonPlus(DAY)))?.consecutiveFailures).toBe(4)
    })

    test('a failure on the next day leaves each address half of its own [BF11]', async () => {
      const user = await storedUser(subject)
      await fail(user, 8, HOME)
      await credentials().signInFailed(user.id, ELSEWHERE, noonPlus(DAY))
      await credentials().signInSucceeded(user.id, HOME, noonPlus(DAY + 60))
      expect((await recordOf(user, HOME, noonPlus(DAY + 60)))?.consecutiveFailures).toBe(1)
    })

    test('an unlocked account has no failures, and another one keeps its own [BF11]', async () => {
      const [user, other] = [await storedUser(subject), await storedUser(subject)]
      for (const locked of [user, other]) await fail(locked, CONSECUTIVE_FAILURES_CAP, ELSEWHERE)
      await credentials().clearFailures(user.id)
      expect(await failuresOf(user)).toBe(0)
      expect(await failuresOf(other)).toBe(CONSECUTIVE_FAILURES_CAP)
      await expectNothingOwnLeft(user)
      await credentials().clearFailures(uniqueUserId())
    })

    test('failures that were cleared are not subtracted from later ones', async () => {
      const user = await storedUser(subject)
      await fail(user, 10, HOME)
      await credentials().clearFailures(user.id)
      await fail(user, 20, ELSEWHERE)
      expect(await credentials().signInSucceeded(user.id, HOME, NOON)).toBe(true)
      expect(await failuresOf(user)).toBe(20)
    })

    test('at the cap an unknown address is refused and nothing changes [BF6]', async () => {
      const user = await storedUser(subject)
      await fail(user, CONSECUTIVE_FAILURES_CAP)
      expect(await credentials().signInSucceeded(user.id, HOME, NOON)).toBe(false)
      expect(await recordOf(user)).toMatchObject({ consecutiveFailures: 100, knownPrefix: false })
    })

    test('at the cap a known address still signs in and clears all failures [BF6] [BF11]', async () => {
      const user = await storedUser(subject)
      await credentials().signInSucceeded(user.id, HOME, NOON)
      await fail(user, 10, HOME)
      await fail(user, 90, ELSEWHERE)
      expect(await credentials().signInSucceeded(user.id, HOME, noonPlus(60))).toBe(true)
      expect(await failuresOf(user)).toBe(0)
    })

    test('an address is known for 30 days after a sign-in, to that account only', async () => {
      const [user, other] = [await storedUser(subject), await storedUser(subject)]
      await credentials().signInSucceeded(user.id, HOME, NOON)
      const isKnown = async (whose: User, prefix: AddressPrefix, seconds: number) =>
        (await recordOf(whose, prefix, noonPlus(seconds)))?.knownPrefix
      expect(await isKnown(user, HOME, THIRTY_DAYS - 1)).toBe(true)
      expect(await isKnown(user, HOME, THIRTY_DAYS)).toBe(false)
      expect(await isKnown(user, ELSEWHERE, 1)).toBe(false)
      expect(await isKnown(other, HOME, 1)).toBe(false)
    })

    test('each address of an account is known for its own 30 days, wherever else the account signs in', async () => {
      const user = await storedUser(subject)
      await credentials().signInSucceeded(user.id, HOME, NOON)
      await credentials().signInSucceeded(user.id, ELSEWHERE, noonPlus(60))
      const known = async (seconds: number) =>
        Promise.all(
          [HOME, ELSEWHERE].map(
            async (prefix) => (await recordOf(user, prefix, noonPlus(seconds)))?.knownPrefix,
          ),
        )
      expect(await known(THIRTY_DAYS - 1)).toEqual([true, true])
      expect(await known(THIRTY_DAYS)).toEqual([false, true])
      await credentials().signInSucceeded(user.id, ELSEWHERE, noonPlus(THIRTY_DAYS))
      expect(await known(THIRTY_DAYS + 60)).toEqual([false, true])
    })

    test('an address stays known from its latest sign-in, whichever is recorded first', async () => {
      const user = await storedUser(subject)
      await credentials().signInSucceeded(user.id, HOME, noonPlus(60))
      await credentials().signInSucceeded(user.id, HOME, NOON)
      const isKnown = async (seconds: number) =>
        (await recordOf(user, HOME, noonPlus(seconds)))?.knownPrefix
      expect(await isKnown(THIRTY_DAYS + 59)).toBe(true)
      expect(await isKnown(THIRTY_DAYS + 60)).toBe(false)
    })

    test('at the cap an address that was known long ago is unknown [BF6]', async () => {
      const user = await storedUser(subject)
      await credentials().signInSucceeded(user.id, HOME, NOON)
      const late = noonPlus(THIRTY_DAYS)
      for (let time = 0; time < CONSECUTIVE_FAILURES_CAP; time += 1)
        await credentials().signInFailed(user.id, ELSEWHERE, late)
      expect(await credentials().signInSucceeded(user.id, HOME, late)).toBe(false)
    })

    test('a failure makes no address known', async () => {
      const user = await storedUser(subject)
      await fail(user, 1)
      expect((await recordOf(user))?.knownPrefix).toBe(false)
    })

    test('attempts on a deleted account change nothing and cause no fault', async () => {
      const user = await storedUser(subject)
      await subject.stores.users.remove(user, announcement())
      await credentials().signInFailed(user.id, HOME, NOON)
      expect(await credentials().signInSucceeded(user.id, HOME, NOON)).toBe(false)
      expect(await recordOf(user)).toBeNull()
    })

    test('credentials are deleted with their user', async () => {
      const user = await storedUser(subject)
      await credentials().setPasswordHash(user.id, 'hash')
      await subject.stores.users.remove(user, announcement())
      expect(await credentials().passwordHash(user.id)).toBeNull()
    })
  })
