import { describe, expect, test } from 'bun:test'
import { fail } from '../../../src/domain/shared/result.ts'
import { PASSWORD } from '../../support/builders/accounts/given-users.ts'
import type { Person } from '../../support/builders/accounts/registered-users.ts'
import { changed, granted, registered } from '../../support/builders/accounts/registered-users.ts'
import { givenDatabase } from '../../support/builders/database/given-database.ts'
import {
  GOOGLE,
  givenSignIns,
  givenSlowReading,
} from '../../support/builders/oauth/given-sign-ins.ts'

const database = await givenDatabase()

const INVALID_GRANT = fail({ kind: 'invalid-grant' as const })
const NEW = { currentPassword: PASSWORD, newPassword: 'another quiet lantern' }

/** Somebody with a password and an identity at the provider. */
const given = async () => {
  const signIns = await givenSignIns(database)
  const { useCases, exchange, reachLinkCode } = signIns
  const person = await registered(useCases)
  granted(await exchange(await reachLinkCode(person.caller), person.caller))
  return { ...signIns, person }
}

type Given = Awaited<ReturnType<typeof given>>

const REVOCATIONS: [string, (given: Given, person: Person) => Promise<unknown>][] = [
  ['sign out everywhere', ({ useCases }, { caller }) => useCases.signOutEverywhere(caller)],
  [
    'a change of the password',
    async ({ useCases }, { caller, client }) =>
      granted(await useCases.changePassword(caller, NEW, client)),
  ],
  [
    'a deactivation, once the account is active again',
    async ({ useCases }, person) => {
      await changed(useCases, person, { isActive: false })
      await changed(useCases, person, { isActive: true })
    },
  ],
  [
    'the unlinking of an identity',
    async ({ useCases }, { caller }) => granted(await useCases.unlinkIdentity(caller, GOOGLE)),
  ],
]

describe('a one-time code', () => {
  test.each(REVOCATIONS)('from before %s opens no session [SE14]', async (_, revoke) => {
    const signIns = await given()
    const code = await signIns.reachCode()
    await revoke(signIns, signIns.person)
    expect(await signIns.exchange(code)).toEqual(INVALID_GRANT)
    const trail = await signIns.useCases.auditOf(signIns.person.user.id)
    expect(trail.at(-1)).toMatchObject({ action: 'sign-in.failed', result: 'refused' })
  })

  test('that is granted while its identity is being unlinked opens none [SE14]', async () => {
    const { signIns, caller, meanwhile } = await givenSlowReading(database)
    const { useCases, exchange, reachCode } = signIns
    meanwhile(async () => granted(await useCases.unlinkIdentity(caller, GOOGLE)))
    const code = await reachCode()
    expect(await useCases.listIdentities(caller)).toEqual([])
    expect(await exchange(code)).toEqual(INVALID_GRANT)
  })

  test('from after sign out everywhere opens one [SE14]', async () => {
    const signIns = await given()
    await signIns.useCases.signOutEverywhere(signIns.person.caller)
    expect((await signIns.exchange(await signIns.reachCode())).ok).toBe(true)
  })

  test('is not touched by the end of one session or by a revocation of another account [SE14]', async () => {
    const signIns = await given()
    const stranger = await registered(signIns.useCases)
    const code = await signIns.reachCode()
    await signIns.useCases.signOut(signIns.person.tokens.refreshToken, null)
    await signIns.useCases.signOutEverywhere(stranger.caller)
    expect((await signIns.exchange(code)).ok).toBe(true)
  })
})

describe('a link', () => {
  test('whose code is from before a change of the password is not made [SE14]', async () => {
    const { useCases, reachLinkCode, exchange } = await givenSignIns(database)
    const { caller, client } = await registered(useCases)
    const code = await reachLinkCode(caller)
    granted(await useCases.changePassword(caller, NEW, client))
    expect(await exchange(code, caller)).toEqual(INVALID_GRANT)
    expect(await useCases.listIdentities(caller)).toEqual([])
    granted(await exchange(await reachLinkCode(caller), caller))
  })

  test('whose ticket is from before a change of the password leads to no provider [SE14]', async () => {
    const { useCases, askForLink } = await givenSignIns(database)
    const { caller, client } = await registered(useCases)
    const ticket = await askForLink(caller)
    granted(await useCases.changePassword(caller, NEW, client))
    expect(await useCases.continueLink(ticket)).toEqual(fail({ kind: 'invalid-oauth-state' }))
  })

  test('whose browser was at the provider during a change of the password is not made [SE14]', async () => {
    const { useCases, askForLink, continueLink, finish, exchange } = await givenSignIns(database)
    const { caller, client } = await registered(useCases)
    const away = await continueLink(await askForLink(caller))
    granted(await useCases.changePassword(caller, NEW, client))
    expect(await exchange(await finish(away), caller)).toEqual(INVALID_GRANT)
    expect(await useCases.listIdentities(caller)).toEqual([])
  })

  test('is not begun in a session that has just ended [SE14]', async () => {
    const { useCases, startLink } = await givenSignIns(database)
    const { caller } = await registered(useCases)
    await useCases.signOutEverywhere(caller)
    expect(await startLink(caller)).toEqual(fail({ kind: 'session-ended' }))
  })
})
