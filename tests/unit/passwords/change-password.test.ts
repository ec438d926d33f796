import { describe, expect, test } from 'bun:test'
import { Unavailable } from '../../../src/domain/shared/unavailable.ts'
import { PASSWORD } from '../../support/builders/accounts/given-users.ts'
import type { Person } from '../../support/builders/accounts/registered-users.ts'
import {
  granted,
  newClient,
  refusalOf,
  registered,
  signedInAgain,
} from '../../support/builders/accounts/registered-users.ts'
import { sessionOf, storedUser } from '../../support/builders/accounts/stored-users.ts'
import { givenDatabase } from '../../support/builders/database/given-database.ts'
import type { GivenUseCases } from '../../support/builders/service/given-use-cases.ts'
import { givenUseCases } from '../../support/builders/service/given-use-cases.ts'

const database = await givenDatabase()

const NEW = 'another quiet lantern'

const given = async () => {
  const service = await givenUseCases(database)
  const person = await registered(service)
  const change = (currentPassword: string | null, newPassword = NEW, client = person.client) =>
    service.changePassword(person.caller, { currentPassword, newPassword }, client)
  return { service, person, change }
}

const isSignedIn = async (service: GivenUseCases, { tokens }: Person) =>
  (await service.authenticate(tokens.accessToken)) !== null

const kindOf = async (service: GivenUseCases, { user }: Person, password: string) => {
  const outcome = await service.signIn(user.username, password, newClient())
  return outcome.ok ? 'ok' : outcome.refusal.kind
}

const lastEntry = async (service: GivenUseCases, { user }: Person) =>
  (await service.auditOf(user.id)).at(-1)

describe('a change of the password', () => {
  test('replaces the hash with an audit entry and without an event [PW7]', async () => {
    const { service, person, change } = await given()
    expect(granted(await change(PASSWORD))).toBeNull()
    expect(await kindOf(service, person, NEW)).toBe('ok')
    expect(await kindOf(service, person, PASSWORD)).toBe('bad-credentials')
    expect(await service.eventsOf(person.user.id)).toHaveLength(1)
    const trail = await service.auditOf(person.user.id)
    expect(trail.find(({ action }) => action === 'password.changed')).toMatchObject({
      result: 'ok',
      actorId: person.user.id,
      sessionId: person.caller.session.id,
      addressPrefix: person.client.addressPrefix,
    })
  })

  test('ends the other sessions at once and keeps this one [PW7] [SE8]', async () => {
    const { service, person, change } = await given()
    const other = await signedInAgain(service, person)
    expect(await isSignedIn(service, other)).toBe(true)
    granted(await change(PASSWORD))
    expect(await isSignedIn(service, other)).toBe(false)
    expect(await isSignedIn(service, person)).toBe(true)
    const { refreshToken } = other.tokens
    const refreshed = await service.refreshSession(refreshToken, other.client.addressPrefix)
    expect(refusalOf(refreshed)).toEqual({ kind: 'invalid-refresh-token' })
    const own = person.tokens.refreshToken
    granted(await service.refreshSession(own, person.client.addressPrefix))
  })

  test.each([['not the right password'], [''], ['\ud83d'], [null]])(
    'with %j as the current one is refused and audited, and changes nothing [PW7]',
    async (current) => {
      const { service, person, change } = await given()
      const other = await signedInAgain(service, person)
      expect(refusalOf(await change(current))).toEqual({ kind: 'wrong-password' })
      expect(await lastEntry(service, person)).toMatchObject({
        action: 'password.changed',
        result: 'refused',
      })
      expect(await isSignedIn(service, other)).toBe(true)
      expect(await kindOf(service, person, PASSWORD)).toBe('ok')
    },
  )

  test('with wrong current ones uses a budget [PW7] [BF7]', async () => {
    const { service, person, change } = await given()
    for (let guess = 0; guess < 10; guess += 1) await change('not the right password')
    const verified = service.passwords.verified()
    expect(refusalOf(await change(PASSWORD))).toMatchObject({ kind: 'too-many-attempts' })
    expect(service.passwords.verified()).toBe(verified)
    expect(await lastEntry(service, person)).toMatchObject({ result: 'refused' })
    await service.pass(900)
    granted(await change(PASSWORD))
  })

  test.each([['not the right password'], [null]])(
    'with %j as the current one, asked without end, is audited as often as the budget allows [BF13]',
    async (current) => {
      const { service, person, change } = await given()
      const kinds: string[] = []
      for (let guess = 0; guess < 25; guess += 1) kinds.push(refusalOf(await change(current)).kind)
      expect(kinds.filter((kind) => kind === 'wrong-password')).toHaveLength(10)
      expect(kinds.at(-1)).toBe('too-many-attempts')
      const entries = await service.auditOf(person.user.id)
      expect(entries.filter(({ action }) => action === 'password.changed')).toHaveLength(10)
    },
  )

  test('to a weak one is refused with the reason, before the current one is checked [PW3]', async () => {
    const { service, person, change } = await given()
    const cases = [
      ['short', { weakness: 'too-short', limit: 12 }],
      ['x'.repeat(129), { weakness: 'too-long', limit: 128 }],
      ['password1234', { weakness: 'too-common' }],
      [`${person.user.username}!!!!!!`, { weakness: 'made-of-names' }],
      [`${person.user.email}`, { weakness: 'made-of-names' }],
      ['Auth-Service-2026', { weakness: 'made-of-names' }],
    ] as const
    for (const [password, reason] of cases)
      expect(refusalOf(await change(PASSWORD, password))).toEqual({
        kind: 'weak-password',
        field: 'newPassword',
        ...reason,
      })
    expect(refusalOf(await change(PASSWORD, `${NEW}\ud83d`))).toEqual({
      kind: 'invalid-request',
      problems: [{ field: 'newPassword', code: 'not-text' }],
    })
    expect(service.passwords.verified()).toBe(0)
  })

  test('that ends with a fault changes nothing', async () => {
    const { service, person, change } = await given()
    const other = await signedInAgain(service, person)
    service.passwords.beforeNextAnswer(async () => {
      service.passwords.failNext(new Unavailable('the queue is full'))
    })
    expect(await change(PASSWORD).catch((fault: unknown) => fault)).toBeInstanceOf(Unavailable)
    expect(await isSignedIn(service, other)).toBe(true)
    expect(await kindOf(service, person, PASSWORD)).toBe('ok')
  })
})

describe('a change of the password that meets another request', () => {
  test('that has changed it first is refused like a wrong password [PW12]', async () => {
    const { service, person, change } = await given()
    const thief = await signedInAgain(service, person)
    const stolen = { currentPassword: PASSWORD, newPassword: 'the thief chose this one' }
    // The thief's request has verified the password, and the owner's change is complete before the thief's is written.
    service.passwords.beforeNextAnswer(async () => granted(await change(PASSWORD)))
    const late = await service.changePassword(thief.caller, stolen, thief.client)
    expect(refusalOf(late)).toEqual({ kind: 'wrong-password' })
    expect(await kindOf(service, person, NEW)).toBe('ok')
    expect(await kindOf(service, person, stolen.newPassword)).toBe('bad-credentials')
    expect(await isSignedIn(service, person)).toBe(true)
    expect(await isSignedIn(service, thief)).toBe(false)
    const changes = (await service.auditOf(person.user.id)).filter(
      ({ action }) => action === 'password.changed',
    )
    expect(changes.map(({ result }) => result)).toEqual(['ok', 'refused'])
  })

  test('of the same session leaves one of the two passwords [PW12]', async () => {
    const { service, person, change } = await given()
    const outcomes = await Promise.all(
      ['one', 'two', 'six', 'ten'].map((word) => change(PASSWORD, `${word} quiet lanterns`)),
    )
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1)
    for (const outcome of outcomes)
      if (!outcome.ok) expect(outcome.refusal).toEqual({ kind: 'wrong-password' })
    expect(await isSignedIn(service, person)).toBe(true)
  })

  test('that has ended its session is refused as no longer signed in [PW12]', async () => {
    const { service, person, change } = await given()
    service.passwords.beforeNextAnswer(() => service.signOutEverywhere(person.caller))
    expect(refusalOf(await change(PASSWORD))).toEqual({ kind: 'session-ended' })
    expect(await kindOf(service, person, PASSWORD)).toBe('ok')
    expect((await service.auditOf(person.user.id)).map(({ action }) => action)).toContain(
      'password.changed',
    )
  })

  test('that renewed the outdated hash succeeds [PW12] [PW5]', async () => {
    const { service, person, change } = await given()
    service.passwords.strengthen()
    service.passwords.beforeNextAnswer(() => signedInAgain(service, person))
    granted(await change(PASSWORD))
    expect(await kindOf(service, person, NEW)).toBe('ok')
  })
})

describe('the first password of an account without one', () => {
  const givenPasswordless = async () => {
    const service = await givenUseCases(database)
    const user = await storedUser(service)
    const session = { ...sessionOf(user), authenticatedAt: service.clock() }
    await service.stores.sessions.start(session)
    const caller = { id: user.id, email: user.email, role: user.role, session }
    const set = (currentPassword: string | null) =>
      service.changePassword(caller, { currentPassword, newPassword: NEW }, newClient())
    return { service, user, set }
  }

  test('is set after a recent sign-in, without a current one [PW8]', async () => {
    const { service, user, set } = await givenPasswordless()
    await service.pass(300)
    granted(await set(null))
    granted(await service.signIn(user.username, NEW, newClient()))
  })

  test('is set once when two requests set it at the same time [PW12]', async () => {
    const { set } = await givenPasswordless()
    const outcomes = await Promise.all([set(null), set(null)])
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1)
    for (const outcome of outcomes)
      if (!outcome.ok) expect(outcome.refusal).toEqual({ kind: 'wrong-password' })
  })

  test('is not set five minutes after the sign-in, and nothing is audited, because asking costs nothing [PW8] [BF13]', async () => {
    const { service, user, set } = await givenPasswordless()
    await service.pass(301)
    for (const current of [null, PASSWORD])
      expect(refusalOf(await set(current))).toEqual({ kind: 'recent-login-required' })
    expect(await service.stores.credentials.passwordHash(user.id)).toBeNull()
    const actions = (await service.auditOf(user.id)).map(({ action }) => action)
    expect(actions).not.toContain('password.changed')
  })
})
