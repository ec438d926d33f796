import { describe, expect, test } from 'bun:test'
import { makeRefreshTokens } from '../../../src/adapters/crypto/refresh-tokens.ts'
import type { Budgets } from '../../../src/domain/limits/limits.ts'
import {
  changed,
  granted,
  newClient,
  refusalOf,
  registered,
} from '../../support/builders/accounts/registered-users.ts'
import { givenDatabase } from '../../support/builders/database/given-database.ts'
import type { GivenUseCases } from '../../support/builders/service/given-use-cases.ts'
import { givenUseCases, UNLIMITED } from '../../support/builders/service/given-use-cases.ts'
import { givenSessionId, LIFETIMES } from '../../support/builders/sessions/given-sessions.ts'

const database = await givenDatabase()

const REFUSED = { kind: 'invalid-refresh-token' } as const

const given = async (budgets?: Budgets) => {
  const service = await givenUseCases(database, budgets)
  const person = await registered(service)
  const refresh = (token: string, client = person.client) =>
    service.refreshSession(token, client.addressPrefix)
  return { service, person, refresh, token: person.tokens.refreshToken }
}

const isSignedIn = async (service: GivenUseCases, accessToken: string) =>
  (await service.authenticate(accessToken)) !== null

const reuses = async (service: GivenUseCases, user: Parameters<GivenUseCases['auditOf']>[0]) =>
  (await service.auditOf(user)).filter(({ action }) => action === 'security.refresh_reuse')

describe('a refresh', () => {
  test('gives a new pair for the same session, and announces nothing [SE1]', async () => {
    const { service, person, refresh, token } = await given()
    await service.pass(60)
    const next = granted(await refresh(token))
    expect(next.refreshToken).not.toBe(token)
    expect(next.accessToken).not.toBe(person.tokens.accessToken)
    expect(next).toMatchObject({ expiresInSeconds: 600, refreshExpiresInSeconds: 1_209_600 })
    const caller = await service.authenticate(next.accessToken)
    expect(caller?.session.id).toBe(person.caller.session.id)
    expect(service.commits()).toBe(1)
    expect(service.measurements.count('refresh rotated')).toBe(1)
  })

  test('makes the previous token unusable after the grace period [SE1]', async () => {
    const { service, refresh, token } = await given()
    granted(await refresh(token))
    await service.pass(11)
    expect(refusalOf(await refresh(token))).toEqual(REFUSED)
  })

  test('does not count as a proof of identity', async () => {
    const { service, person, refresh, token } = await given()
    await service.pass(299)
    const next = granted(await refresh(token))
    await service.pass(2)
    const caller = await service.authenticate(next.accessToken)
    expect(caller?.session.authenticatedAt).toEqual(person.caller.session.authenticatedAt)
    const deleted = caller && (await service.deleteAccount(caller, null))
    expect(deleted && refusalOf(deleted)).toEqual({ kind: 'recent-login-required' })
  })

  test('whose reply was lost is answered with the same successor within the grace [SE4]', async () => {
    const { service, refresh, token } = await given()
    const lost = granted(await refresh(token))
    await service.pass(10)
    const again = granted(await refresh(token))
    expect(again.refreshToken).toBe(lost.refreshToken)
    expect(again.accessToken).not.toBe(lost.accessToken)
    expect(service.measurements.count('refresh repeated')).toBe(1)
    granted(await refresh(lost.refreshToken))
  })

  test('one second beyond the grace ends the session of both holders [SE2] [SE4]', async () => {
    const { service, person, refresh, token } = await given()
    const next = granted(await refresh(token))
    await service.pass(11)
    // The state of the session is kept in memory now, and the end must reach that copy too.
    expect(await isSignedIn(service, next.accessToken)).toBe(true)
    const thief = newClient()
    expect(refusalOf(await refresh(token, thief))).toEqual(REFUSED)
    expect(refusalOf(await refresh(next.refreshToken))).toEqual(REFUSED)
    expect(await isSignedIn(service, next.accessToken)).toBe(false)
    expect(await reuses(service, person.user.id)).toMatchObject([
      {
        result: 'refused',
        actorId: null,
        sessionId: person.caller.session.id,
        addressPrefix: thief.addressPrefix,
        at: service.clock(),
      },
    ])
    expect(service.measurements.count('refresh reused')).toBe(1)
  })

  test('of a spent token many times at once is audited once [SE2] [BF13]', async () => {
    const { service, person, refresh, token } = await given()
    granted(await refresh(token))
    await service.pass(11)
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => refresh(token)))
    for (const outcome of outcomes) expect(refusalOf(outcome)).toEqual(REFUSED)
    expect(await reuses(service, person.user.id)).toHaveLength(1)
  })

  test('of a revoked session stays refused, and is no second reuse [SE2] [SE10]', async () => {
    const { service, person, refresh, token } = await given()
    granted(await refresh(token))
    await service.pass(11)
    for (let attempt = 0; attempt < 3; attempt += 1)
      expect(refusalOf(await refresh(token))).toEqual(REFUSED)
    expect(await reuses(service, person.user.id)).toHaveLength(1)
  })

  test('run a hundred times at once with one token makes one successor for all [SE3]', async () => {
    const { service, person, refresh, token } = await given()
    let present = token
    for (let round = 0; round < 10; round += 1) {
      const outcomes = await Promise.all(Array.from({ length: 100 }, () => refresh(present)))
      const successors = new Set(outcomes.map((outcome) => granted(outcome).refreshToken))
      expect(successors.size).toBe(1)
      present = [...successors].join()
      await service.pass(60)
    }
    expect(service.measurements.count('refresh rotated')).toBe(10)
    const caller = await service.authenticate(granted(await refresh(present)).accessToken)
    expect(caller?.session.generation).toBe(12)
    expect(await reuses(service, person.user.id)).toEqual([])
  }, 30_000)

  test('after the idle end is refused [SE5]', async () => {
    const { service, refresh, token } = await given()
    await service.pass(LIFETIMES.idleSeconds - 1)
    const next = granted(await refresh(token))
    await service.pass(LIFETIMES.idleSeconds)
    expect(refusalOf(await refresh(next.refreshToken))).toEqual(REFUSED)
  })

  test('after the absolute end is refused, however busy the session was [SE5]', async () => {
    const { service, refresh, token } = await given()
    let present = token
    for (let week = 0; week < 4; week += 1) {
      await service.pass(7 * 86_400)
      const next = granted(await refresh(present))
      const left = LIFETIMES.absoluteSeconds - (week + 1) * 7 * 86_400
      expect(next.refreshExpiresInSeconds).toBe(Math.min(left, LIFETIMES.idleSeconds))
      present = next.refreshToken
    }
    await service.pass(2 * 86_400 - 1)
    present = granted(await refresh(present)).refreshToken
    await service.pass(1)
    expect(refusalOf(await refresh(present))).toEqual(REFUSED)
  })

  test('of an inactive user is refused, in grace too, and ends nothing [SE8]', async () => {
    const { service, person, refresh, token } = await given()
    const next = granted(await refresh(token))
    await changed(service, person, { isActive: false })
    for (const held of [token, next.refreshToken])
      expect(refusalOf(await refresh(held))).toEqual(REFUSED)
    expect(await reuses(service, person.user.id)).toEqual([])
  })

  test('of a deleted user is refused', async () => {
    const { service, person, refresh, token } = await given()
    granted(await service.deleteAccount(person.caller, null))
    expect(refusalOf(await refresh(token))).toEqual(REFUSED)
  })

  test('carries the role that the user has now [SE8]', async () => {
    const { service, person, refresh, token } = await given()
    await changed(service, person, { role: 'moderator' })
    const next = granted(await refresh(token))
    const [, payload = ''] = next.accessToken.split('.')
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toMatchObject({
      role: 'moderator',
      ver: 2,
    })
  })
})

describe('the budget of refreshes', () => {
  test('lets a session rotate thirty times a minute', async () => {
    const { service, refresh, token } = await given()
    let present = token
    for (let rotation = 0; rotation < 30; rotation += 1)
      present = granted(await refresh(present)).refreshToken
    expect(refusalOf(await refresh(present))).toEqual({
      kind: 'too-many-attempts',
      retryAfterSeconds: 60,
    })
    expect(service.measurements.count('refresh limited')).toBe(1)
    await service.pass(60)
    granted(await refresh(present))
  })

  test('is not used by repetitions within the grace period [SE4]', async () => {
    const { service, refresh, token } = await given()
    const next = granted(await refresh(token))
    for (let repetition = 0; repetition < 100; repetition += 1) granted(await refresh(token))
    granted(await refresh(next.refreshToken))
    expect(service.measurements.count('refresh limited')).toBe(0)
  })

  test('is used once by parallel refreshes of one token [SE3]', async () => {
    const { refresh, token } = await given()
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => refresh(token)))
    let present = outcomes.map((outcome) => granted(outcome).refreshToken)[0] ?? ''
    for (let rotation = 1; rotation < 30; rotation += 1)
      present = granted(await refresh(present)).refreshToken
    expect(refusalOf(await refresh(present)).kind).toBe('too-many-attempts')
  })

  test('of an address is used by invented tokens [BF7]', async () => {
    const { service, person, refresh, token } = await given()
    const client = newClient()
    const { id, salt } = person.caller.session
    const stranger = makeRefreshTokens([{ id: 'k1', secret: new Uint8Array(32).fill(8) }])
    const forged = [
      '',
      'v1.k1',
      `${token.slice(0, -1)}${token.endsWith('_') ? '-' : '_'}`,
      stranger.issue({ id, salt, generation: 1 }),
      person.tokens.accessToken,
    ]
    for (let attempt = 0; attempt < 50; attempt += 1) {
      const text = forged[attempt % forged.length] ?? ''
      expect(refusalOf(await refresh(text, client))).toEqual(REFUSED)
    }
    expect(refusalOf(await refresh('', client))).toMatchObject({ kind: 'too-many-attempts' })
    expect(service.measurements.count('refresh limited')).toBe(1)
    granted(await refresh(token, client))
  })

  test('of an address is used by tokens made with a leaked key [BF7]', async () => {
    const { service, person, refresh } = await given({
      ...UNLIMITED,
      'sign-in-prefix': { points: 1, seconds: 900 },
    })
    const { id, generation } = person.caller.session
    const forged = service.refreshTokens.issue({ id, generation, salt: new Uint8Array(16) })
    expect(refusalOf(await refresh(forged))).toEqual(REFUSED)
    expect(refusalOf(await refresh(forged)).kind).toBe('too-many-attempts')
  })

  test('is not used by a genuine token of a session that has ended', async () => {
    const { service, refresh } = await given()
    const salt = new Uint8Array(16)
    const gone = service.refreshTokens.issue({ id: givenSessionId(404), generation: 1, salt })
    for (let attempt = 0; attempt < 60; attempt += 1)
      expect(refusalOf(await refresh(gone))).toEqual(REFUSED)
  })
})
