import { beforeAll, describe, expect, test } from 'bun:test'
import type { ProviderId, ProviderSubject } from '../../../../src/domain/oauth/provider.ts'
import type { UserId } from '../../../../src/domain/shared/ids.ts'
import { fail, ok } from '../../../../src/domain/shared/result.ts'
import type { LinkedIdentity } from '../../../../src/ports/driven/oauth/identities.ts'
import {
  announcement,
  NOON,
  storedUser,
  uniqueEmail,
} from '../../../support/builders/accounts/stored-users.ts'
import type { StoresUnderTest } from '../../../support/builders/database/given-stores.ts'

const GOOGLE = 'google' as ProviderId
const LINE = 'line' as ProviderId

let subjects = 0

/** What every adapter of identities has to do. */
const ownedBy = ({ userId }: LinkedIdentity, revocations = 0) => ({ userId, revocations })

export const identitiesContract = (name: string, open: () => Promise<StoresUnderTest>) =>
  describe(`identities kept in ${name}`, () => {
    let subject: StoresUnderTest
    beforeAll(async () => {
      subject = await open()
    })
    const identities = () => subject.stores.identities
    const someone = async (): Promise<UserId> => (await storedUser(subject)).id
    const identityOf = (userId: UserId, over: Partial<LinkedIdentity> = {}): LinkedIdentity => {
      subjects += 1
      const own = { provider: GOOGLE, subject: `subject-${subjects}` as ProviderSubject }
      return { ...own, userId, email: uniqueEmail(), linkedAt: NOON, ...over }
    }

    test('an identity is found by provider and subject together', async () => {
      const identity = identityOf(await someone())
      expect(await identities().ownerOf(GOOGLE, identity.subject)).toBeNull()
      expect(await identities().link(identity)).toBe(true)
      expect(await identities().ownerOf(GOOGLE, identity.subject)).toEqual(ownedBy(identity))
      expect(await identities().ownerOf(LINE, identity.subject)).toBeNull()
      expect(
        await identities().ownerOf(GOOGLE, identity.subject.toUpperCase() as ProviderSubject),
      ).toBeNull()
    })

    test("an owner comes with the account's number of revocations, which is 0 without a row [SE14]", async () => {
      const identity = identityOf(await someone())
      await identities().link(identity)
      expect(await identities().ownerOf(GOOGLE, identity.subject)).toEqual(ownedBy(identity, 0))
      await subject.stores.credentials.revoke(identity.userId)
      await subject.stores.credentials.revoke(identity.userId)
      expect(await identities().ownerOf(GOOGLE, identity.subject)).toEqual(ownedBy(identity, 2))
    })

    test('those of a user are listed by provider, as they were linked', async () => {
      const userId = await someone()
      const line = identityOf(userId, { provider: LINE, email: null })
      const google = identityOf(userId)
      await identities().link(line)
      await identities().link(google)
      expect(await identities().ofUser(userId)).toEqual([google, line])
      expect(await identities().ofUser(await someone())).toEqual([])
    })

    test('an identity that is linked already cannot be linked to another user', async () => {
      const identity = identityOf(await someone())
      await identities().link(identity)
      expect(await identities().link({ ...identity, userId: await someone() })).toBe(false)
      expect(await identities().link(identity)).toBe(false)
      expect(await identities().ownerOf(GOOGLE, identity.subject)).toEqual(ownedBy(identity))
    })

    test('a second one of the same provider is not linked', async () => {
      const userId = await someone()
      const first = identityOf(userId)
      await identities().link(first)
      expect(await identities().link(identityOf(userId))).toBe(false)
      expect(await identities().ofUser(userId)).toEqual([first])
    })

    test('of many users who link one identity at the same time exactly one does', async () => {
      const users = await Promise.all(Array.from({ length: 8 }, someone))
      const { subject: wanted } = identityOf(users[0] ?? (await someone()))
      const linked = await Promise.all(
        users.map((userId) => identities().link(identityOf(userId, { subject: wanted }))),
      )
      expect(linked.filter((isLinked) => isLinked)).toHaveLength(1)
    })

    test('an identity is unlinked once, and can be linked again', async () => {
      const identity = identityOf(await someone())
      await identities().link(identity)
      expect(await identities().unlink(identity.userId, LINE)).toBe(false)
      expect(await identities().unlink(await someone(), GOOGLE)).toBe(false)
      expect(await identities().unlink(identity.userId, GOOGLE)).toBe(true)
      expect(await identities().unlink(identity.userId, GOOGLE)).toBe(false)
      expect(await identities().link({ ...identity, userId: await someone() })).toBe(true)
    })

    test('those of a deleted user are gone with the user', async () => {
      const user = await storedUser(subject)
      const identity = identityOf(user.id)
      await identities().link(identity)
      await subject.stores.users.remove(user, announcement())
      expect(await identities().ownerOf(GOOGLE, identity.subject)).toBeNull()
    })

    test('an identity that was linked in a refused transaction is not linked', async () => {
      const identity = identityOf(await someone())
      const refused = await subject.transact(async (stores) => {
        expect(await stores.identities.link(identity)).toBe(true)
        return fail('changed my mind')
      })
      expect(refused).toEqual(fail('changed my mind'))
      expect(await identities().ownerOf(GOOGLE, identity.subject)).toBeNull()
      await subject.transact(async (stores) => ok(await stores.identities.link(identity)))
      expect(await identities().ownerOf(GOOGLE, identity.subject)).toEqual(ownedBy(identity))
    })
  })
