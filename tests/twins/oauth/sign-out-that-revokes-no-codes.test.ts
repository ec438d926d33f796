import { expect, test } from 'bun:test'
import { makeSignOutEverywhere } from '../../../src/application/sessions/sign-out-everywhere.ts'
import type { Transact } from '../../../src/ports/driven/transact.ts'
import type { SignOutEverywhere } from '../../../src/ports/driving/sessions/sessions.ts'
import { registered } from '../../support/builders/accounts/registered-users.ts'
import { givenDatabase } from '../../support/builders/database/given-database.ts'
import { givenSignIns } from '../../support/builders/oauth/given-sign-ins.ts'
import type { GivenUseCases } from '../../support/builders/service/given-use-cases.ts'

const database = await givenDatabase()

/** Ends every session, and forgets the codes that can still become one. */
const twin = (useCases: GivenUseCases): SignOutEverywhere => {
  const transact: Transact = (work) =>
    useCases.transact((bound) => {
      const endEach: typeof bound.sessions.endAll = async (user, _, now) => {
        const page = { after: null, limit: 50 }
        for (const { id } of await bound.sessions.ofUser(user, now, page))
          await bound.sessions.end(id, user, now)
      }
      return work({ ...bound, sessions: { ...bound.sessions, endAll: endEach } })
    })
  return makeSignOutEverywhere({ ...useCases, transact })
}

/** Does a code from before still open a session? */
const opens = async (makeSignOut: (useCases: GivenUseCases) => SignOutEverywhere) => {
  const { useCases, exchange, reachCode, reachLinkCode } = await givenSignIns(database)
  const { caller } = await registered(useCases)
  await exchange(await reachLinkCode(caller), caller)
  const code = await reachCode()
  await makeSignOut(useCases)(caller)
  return (await exchange(code)).ok
}

test('a sign out everywhere that ends sessions only lets a code from before open one', async () => {
  expect(await opens(({ signOutEverywhere }) => signOutEverywhere)).toBe(false)
  expect(await opens(twin)).toBe(true)
})
