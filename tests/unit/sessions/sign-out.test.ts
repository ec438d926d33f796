import { describe, expect, test } from 'bun:test'
import { makeRevokeSession } from '../../../src/application/sessions/end-session.ts'
import { makeSignOut } from '../../../src/application/sessions/sign-out.ts'
import { Unavailable } from '../../../src/domain/shared/unavailable.ts'
import type { Person } from '../../support/builders/accounts/registered-users.ts'
import {
  granted,
  refusalOf,
  registered,
  signedInAgain,
} from '../../support/builders/accounts/registered-users.ts'
import { givenDatabase } from '../../support/builders/database/given-database.ts'
import type { GivenUseCases } from '../../support/builders/service/given-use-cases.ts'
import { givenUseCases } from '../../support/builders/service/given-use-cases.ts'

const database = await givenDatabase()

const given = async () => {
  const service = await givenUseCases(database)
  return { service, person: await registered(service) }
}

const isSignedIn = async (service: GivenUseCases, { tokens }: Person) =>
  (await service.authenticate(tokens.accessToken)) !== null

const endings = async (service: GivenUseCases, { user }: Person) =>
  (await service.auditOf(user.id)).filter(({ action }) => action === 'session.ended')

describe('signing out', () => {
  test('with a refresh token ends its session at once, recorded [SE6]', async () => {
    const { service, person } = await given()
    await service.signOut(person.tokens.refreshToken, null)
    expect(await isSignedIn(service, person)).toBe(false)
    const refreshed = await service.refreshSession(
      person.tokens.refreshToken,
      person.client.addressPrefix,
    )
    expect(refusalOf(refreshed)).toEqual({ kind: 'invalid-refresh-token' })
    expect(await endings(service, person)).toMatchObject([
      { result: 'ok', actorId: person.user.id, sessionId: person.caller.session.id },
    ])
    expect(service.commits()).toBe(1)
  })

  test('again is no error and records nothing [SE6]', async () => {
    const { service, person } = await given()
    for (let time = 0; time < 3; time += 1) await service.signOut(person.tokens.refreshToken, null)
    expect(await endings(service, person)).toHaveLength(1)
  })

  test('works with a token that was rotated away long ago [SE6]', async () => {
    const { service, person } = await given()
    const { refreshToken } = person.tokens
    granted(await service.refreshSession(refreshToken, person.client.addressPrefix))
    await service.pass(3600)
    await service.signOut(refreshToken, null)
    expect(await service.stores.sessions.find(person.caller.session.id)).toMatchObject({
      endedAt: service.clock(),
    })
  })

  test('without a refresh token ends the session of the caller', async () => {
    const { service, person } = await given()
    await service.signOut(null, person.caller)
    expect(await isSignedIn(service, person)).toBe(false)
  })

  test('with a token of no session ends the session of the caller', async () => {
    const { service, person } = await given()
    await service.signOut('v1.nothing', person.caller)
    expect(await isSignedIn(service, person)).toBe(false)
  })

  test('with a forged token of somebody else ends nothing', async () => {
    const { service, person } = await given()
    const { id } = person.caller.session
    const leaked = service.refreshTokens.issue({ id, generation: 1, salt: new Uint8Array(16) })
    const { refreshToken } = person.tokens
    // Not its last letter: two of its bits count for nothing, so some other letters there mean the same.
    const changed = refreshToken.slice(0, -2) + (refreshToken.at(-2) === 'A' ? 'BA' : 'AA')
    for (const forged of [leaked, changed, '']) await service.signOut(forged, null)
    expect(await isSignedIn(service, person)).toBe(true)
  })

  test('leaves the other sessions of the user alone [SE7]', async () => {
    const { service, person } = await given()
    const other = await signedInAgain(service, person)
    await service.signOut(person.tokens.refreshToken, null)
    expect(await isSignedIn(service, other)).toBe(true)
  })

  test('fails while the store does not confirm, and the session stays open [SE6]', async () => {
    const { service, person } = await given()
    const transact = () => Promise.reject(new Unavailable('no connection'))
    const revokeSession = makeRevokeSession({ ...service, transact })
    const signOut = makeSignOut({ ...service, revokeSession })
    const failed = signOut(person.tokens.refreshToken, null).catch((fault: unknown) => fault)
    expect(await failed).toBeInstanceOf(Unavailable)
    expect(await isSignedIn(service, person)).toBe(true)
    const { refreshToken } = person.tokens
    granted(await service.refreshSession(refreshToken, person.client.addressPrefix))
  })
})
