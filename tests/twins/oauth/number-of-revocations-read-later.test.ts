import { expect, test } from 'bun:test'
import type { Stores } from '../../../src/ports/driven/transact.ts'
import { granted } from '../../support/builders/accounts/registered-users.ts'
import { givenDatabase } from '../../support/builders/database/given-database.ts'
import { GOOGLE, givenSlowReading } from '../../support/builders/oauth/given-sign-ins.ts'

const database = await givenDatabase()

/** Reads the number of revocations after the owner of the identity, in a statement of its own. */
const twin = (stores: Stores): Stores => ({
  ...stores,
  identities: {
    ...stores.identities,
    ownerOf: async (provider, subject) => {
      const owner = await stores.identities.ownerOf(provider, subject)
      if (owner === null) return null
      await stores.users.find(owner.userId)
      return { ...owner, revocations: await stores.credentials.revocations(owner.userId) }
    },
  },
})

/** Does a code open a session that was granted while its identity was being unlinked? */
const opens = async (reading?: (stores: Stores) => Stores) => {
  const { signIns, caller, meanwhile } = await givenSlowReading(database, reading)
  meanwhile(async () => granted(await signIns.useCases.unlinkIdentity(caller, GOOGLE)))
  return (await signIns.exchange(await signIns.reachCode())).ok
}

test('a number of revocations that is read after the owner lets the code of an unlinked identity open a session', async () => {
  expect(await opens()).toBe(false)
  expect(await opens(twin)).toBe(true)
})
