import type { Database } from '../../../../src/adapters/postgres/driver/database.ts'
import type { UnlinkIdentity } from '../../../../src/ports/driving/oauth/oauth.ts'
import { granted, registered } from '../accounts/registered-users.ts'
import type { GivenUseCases } from '../service/given-use-cases.ts'
import { GOOGLE, givenSignIns } from './given-sign-ins.ts'

/** Somebody who has just signed in, and a provider to link. */
export const givenLinks = async (database: Database) => {
  const signIns = await givenSignIns(database)
  const { useCases } = signIns
  const person = await registered(useCases)
  const { caller } = person
  const identities = async () => (await useCases.listIdentities(caller)).length
  return { ...signIns, person, caller, identities }
}

/** Unlinks the identity just after the sign-in has stopped being recent. */
export const unlinkedLate = async (
  database: Database,
  makeUnlink: (useCases: GivenUseCases) => UnlinkIdentity = (useCases) => useCases.unlinkIdentity,
) => {
  const given = await givenLinks(database)
  const { useCases, caller, exchange, reachLinkCode, pass } = given
  granted(await exchange(await reachLinkCode(caller), caller))
  await pass(301)
  return { ...given, late: await makeUnlink(useCases)(caller, GOOGLE) }
}
