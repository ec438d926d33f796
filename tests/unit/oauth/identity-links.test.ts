import { describe, expect, test } from 'bun:test'
import { sql } from 'drizzle-orm'
import { fail } from '../../../src/domain/shared/result.ts'
import { PASSWORD } from '../../support/builders/accounts/given-users.ts'
import { granted } from '../../support/builders/accounts/registered-users.ts'
import { givenDatabase } from '../../support/builders/database/given-database.ts'
import { givenLinks, unlinkedLate } from '../../support/builders/oauth/given-links.ts'
import { GOOGLE } from '../../support/builders/oauth/given-sign-ins.ts'

const database = await givenDatabase()

const given = () => givenLinks(database)

describe('a link whose session has just ended', () => {
  test('is not made by its code [PW12]', async () => {
    const { useCases, person, caller, reachLinkCode, exchange, identities } = await given()
    const code = await reachLinkCode(caller)
    await useCases.signOut(person.tokens.refreshToken, null)
    expect(await exchange(code, caller)).toEqual(fail({ kind: 'invalid-grant' }))
    expect(await identities()).toBe(0)
    expect(await useCases.eventsOf(caller.id)).toHaveLength(1)
  })
})

describe('an unlinking', () => {
  test('needs a sign-in or a confirmed password of the last five minutes [OA30]', async () => {
    const { useCases, person, caller, late, identities } = await unlinkedLate(database)
    expect(late).toEqual(fail({ kind: 'recent-login-required' }))
    expect(await identities()).toBe(1)
    expect(await useCases.eventsOf(caller.id)).toHaveLength(2)
    granted(await useCases.reauthenticate(caller, PASSWORD, person.client))
    const recent = await useCases.authenticate(person.tokens.accessToken)
    expect(recent && granted(await useCases.unlinkIdentity(recent, GOOGLE))).toBeNull()
    expect(await identities()).toBe(0)
  })

  test('of an identity that is not linked writes nothing, because it has no budget [BF13]', async () => {
    const { useCases, caller } = await given()
    const positions = () => database.db.execute(sql`select last_value from outbox_positions`)
    const before = await positions()
    for (let attempt = 0; attempt < 3; attempt += 1)
      expect(await useCases.unlinkIdentity(caller, GOOGLE)).toEqual(fail({ kind: 'not-found' }))
    expect(await positions()).toEqual(before)
  })

  test('in an old session does not tell which identities are linked [OA30]', async () => {
    const { useCases, caller, pass } = await given()
    await pass(301)
    for (const provider of ['google', 'myspace', ''])
      expect(await useCases.unlinkIdentity(caller, provider)).toEqual(
        fail({ kind: 'recent-login-required' }),
      )
  })

  test('in a session that has just ended is refused and takes nothing away [PW12]', async () => {
    const { useCases, person, caller, reachLinkCode, exchange, identities } = await given()
    granted(await exchange(await reachLinkCode(caller), caller))
    await useCases.signOut(person.tokens.refreshToken, null)
    expect(await useCases.unlinkIdentity(caller, GOOGLE)).toEqual(fail({ kind: 'session-ended' }))
    expect(await identities()).toBe(1)
    expect(await useCases.eventsOf(caller.id)).toHaveLength(2)
  })
})
