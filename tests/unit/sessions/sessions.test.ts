import { describe, expect, test } from 'bun:test'
import { PASSWORD } from '../../support/builders/accounts/given-users.ts'
import type { Person } from '../../support/builders/accounts/registered-users.ts'
import {
  changed,
  granted,
  newClient,
  refusalOf,
  registered,
  signedInAgain,
} from '../../support/builders/accounts/registered-users.ts'
import { givenDatabase } from '../../support/builders/database/given-database.ts'
import type { GivenUseCases } from '../../support/builders/service/given-use-cases.ts'
import { givenUseCases } from '../../support/builders/service/given-use-cases.ts'
import { FIRST_PAGE } from '../../support/builders/sessions/given-sessions.ts'

const database = await givenDatabase()

/** One user on two devices, and another user. */
const given = async () => {
  const service = await givenUseCases(database)
  const first = await registered(service)
  await service.pass(1)
  const second = await signedInAgain(service, first)
  return { service, first, second, stranger: await registered(service) }
}

const isSignedIn = async (service: GivenUseCases, { tokens }: Person) =>
  (await service.authenticate(tokens.accessToken)) !== null

const sessionId = ({ caller }: Person) => caller.session.id

describe('the list of sessions', () => {
  test('has the open sessions of the caller, newest first [SE7]', async () => {
    const { service, first, second } = await given()
    const ids = async () =>
      (await service.listSessions(first.caller, FIRST_PAGE)).map(({ id }) => id)
    expect(await ids()).toEqual([sessionId(second), sessionId(first)])
    await service.signOut(second.tokens.refreshToken, null)
    expect(await ids()).toEqual([sessionId(first)])
  })

  test('leaves out expired sessions', async () => {
    const { service, first, second } = await given()
    await service.pass(14 * 86_400 - 1)
    const ids = (await service.listSessions(first.caller, FIRST_PAGE)).map(({ id }) => id)
    expect(ids).toEqual([sessionId(second)])
  })
})

describe('ending one session', () => {
  test('ends only that one, at once, with an audit entry [SE7]', async () => {
    const { service, first, second, stranger } = await given()
    expect(granted(await service.endSession(first.caller, sessionId(second)))).toBeNull()
    expect(await isSignedIn(service, second)).toBe(false)
    expect(await isSignedIn(service, first)).toBe(true)
    expect(await isSignedIn(service, stranger)).toBe(true)
    expect((await service.auditOf(first.user.id)).at(-1)).toMatchObject({
      action: 'session.ended',
      sessionId: sessionId(second),
    })
  })

  test('of another user gets the answer for an unknown session, and ends nothing [AZ1]', async () => {
    const { service, first, stranger } = await given()
    const unknown = '0198f3a2-0000-7000-8000-00000000abcd'
    for (const id of [sessionId(stranger), unknown, 'x', '..', '', "' OR 1=1"])
      expect(refusalOf(await service.endSession(first.caller, id))).toEqual({ kind: 'not-found' })
    expect(await isSignedIn(service, stranger)).toBe(true)
  })

  test('that has ended already finds nothing', async () => {
    const { service, first, second } = await given()
    granted(await service.endSession(first.caller, sessionId(second)))
    const again = await service.endSession(first.caller, sessionId(second))
    expect(refusalOf(again)).toEqual({ kind: 'not-found' })
  })
})

describe('signing out everywhere', () => {
  test('ends every session of the caller and of nobody else, with an audit entry [SE7]', async () => {
    const { service, first, second, stranger } = await given()
    await service.signOutEverywhere(first.caller)
    expect(await isSignedIn(service, first)).toBe(false)
    expect(await isSignedIn(service, second)).toBe(false)
    expect(await isSignedIn(service, stranger)).toBe(true)
    expect((await service.auditOf(first.user.id)).at(-1)).toMatchObject({
      action: 'session.all-ended',
      result: 'ok',
      actorId: first.user.id,
      sessionId: sessionId(first),
    })
    expect(await service.eventsOf(first.user.id)).toHaveLength(1)
  })

  test('many times at once is audited once, and everybody else is refused [BF13]', async () => {
    const { service, first } = await given()
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, () => service.signOutEverywhere(first.caller)),
    )
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1)
    expect(outcomes.filter(({ ok }) => !ok).map(refusalOf)).toEqual(
      Array.from({ length: 7 }, () => ({ kind: 'session-ended' })),
    )
    const entries = await service.auditOf(first.user.id)
    expect(entries.filter(({ action }) => action === 'session.all-ended')).toHaveLength(1)
  })

  test('in a session that has just ended ends no other session [PW12]', async () => {
    const { service, first, second } = await given()
    await service.signOut(first.tokens.refreshToken, null)
    const refused = await service.signOutEverywhere(first.caller)
    expect(refusalOf(refused)).toEqual({ kind: 'session-ended' })
    expect(await isSignedIn(service, second)).toBe(true)
  })
})

describe('confirming the password', () => {
  test('makes this session and no other recent, with an audit entry', async () => {
    const { service, first, second } = await given()
    await service.pass(400)
    granted(await service.reauthenticate(first.caller, PASSWORD, first.client))
    const [renewed, other] = [
      await service.authenticate(first.tokens.accessToken),
      await service.authenticate(second.tokens.accessToken),
    ]
    expect(renewed?.session.authenticatedAt).toEqual(service.clock())
    expect(other?.session.authenticatedAt).not.toEqual(service.clock())
    expect((await service.auditOf(first.user.id)).at(-1)).toMatchObject({
      action: 'session.reauthenticated',
      result: 'ok',
      sessionId: sessionId(first),
    })
  })

  test('with a wrong one is refused and audited, and changes nothing', async () => {
    const { service, first } = await given()
    await service.pass(400)
    for (const password of ['not the right password', '', '\ud83d', 'x'.repeat(10_000)]) {
      const outcome = await service.reauthenticate(first.caller, password, newClient())
      expect(refusalOf(outcome)).toEqual({ kind: 'wrong-password' })
    }
    const caller = await service.authenticate(first.tokens.accessToken)
    expect(caller?.session.authenticatedAt).toEqual(first.caller.session.authenticatedAt)
    expect((await service.auditOf(first.user.id)).at(-1)).toMatchObject({
      action: 'session.reauthenticated',
      result: 'refused',
    })
  })

  test('uses a budget that a stranger cannot use up [BF7]', async () => {
    const { service, first } = await given()
    const client = newClient()
    const prove = (password: string) => service.reauthenticate(first.caller, password, client)
    for (let guess = 0; guess < 10; guess += 1) await prove('not the right password')
    const verified = service.passwords.verified()
    expect(refusalOf(await prove(PASSWORD))).toMatchObject({ kind: 'too-many-attempts' })
    expect(service.passwords.verified()).toBe(verified)
    granted(await service.signIn(first.user.username, PASSWORD, client))
    const elsewhere = await service.reauthenticate(first.caller, PASSWORD, newClient())
    expect(refusalOf(elsewhere)).toMatchObject({ kind: 'too-many-attempts' })
  })

  test('asked without end is audited as often as the budget allows [BF13]', async () => {
    const { service, first } = await given()
    for (let guess = 0; guess < 25; guess += 1)
      await service.reauthenticate(first.caller, 'not the right password', first.client)
    const entries = await service.auditOf(first.user.id)
    expect(entries.filter(({ action }) => action === 'session.reauthenticated')).toHaveLength(10)
  })

  test('uses a budget of its own session only [BF10]', async () => {
    const { service, first, second } = await given()
    for (let guess = 0; guess < 20; guess += 1)
      await service.reauthenticate(first.caller, 'not the right password', first.client)
    granted(await service.reauthenticate(second.caller, PASSWORD, first.client))
  })

  test('is open after sign-ins with an identifier that contains the id of the user or the session [BF10]', async () => {
    const { service, first } = await given()
    const { user, client, caller } = first
    const identifiers = [`user:${user.id}`, user.id, caller.session.id, `confirm:${user.id}`]
    for (const identifier of identifiers)
      for (let guess = 0; guess < 11; guess += 1) {
        await service.signIn(identifier, 'not the right password', client)
        await service.signIn(identifier, 'not the right password', newClient())
      }
    granted(await service.reauthenticate(caller, PASSWORD, client))
  })

  test('of a password that was replaced meanwhile is refused and proves nothing [PW12]', async () => {
    const { service, first } = await given()
    await service.pass(301)
    service.passwords.beforeNextAnswer(async () =>
      granted(
        await service.changePassword(
          first.caller,
          { currentPassword: PASSWORD, newPassword: 'another quiet lantern' },
          first.client,
        ),
      ),
    )
    const late = await service.reauthenticate(first.caller, PASSWORD, first.client)
    expect(refusalOf(late)).toEqual({ kind: 'wrong-password' })
    const caller = await service.authenticate(first.tokens.accessToken)
    expect(caller?.session.authenticatedAt).toEqual(first.caller.session.authenticatedAt)
    expect((await service.auditOf(first.user.id)).at(-1)).toMatchObject({
      action: 'session.reauthenticated',
      result: 'refused',
    })
  })

  test('whose outdated hash a sign-in renews meanwhile succeeds [PW12] [PW5]', async () => {
    const { service, first } = await given()
    service.passwords.strengthen()
    service.passwords.beforeNextAnswer(() => signedInAgain(service, first))
    granted(await service.reauthenticate(first.caller, PASSWORD, first.client))
  })

  test('in a session that has just ended is refused [PW12]', async () => {
    const { service, first } = await given()
    service.passwords.beforeNextAnswer(() => service.signOutEverywhere(first.caller))
    const late = await service.reauthenticate(first.caller, PASSWORD, first.client)
    expect(refusalOf(late)).toEqual({ kind: 'session-ended' })
  })

  test('with the right one costs no attempt, however often', async () => {
    const { service, first } = await given()
    for (let time = 0; time < 20; time += 1)
      granted(await service.reauthenticate(first.caller, PASSWORD, first.client))
  })
})

describe('a bearer', () => {
  test('is the user as stored now, whatever the token says [JW13] [SE8]', async () => {
    const { service, first } = await given()
    await changed(service, first, { role: 'admin' })
    const caller = await service.authenticate(first.tokens.accessToken)
    expect(caller).toMatchObject({ id: first.user.id, email: first.user.email, role: 'admin' })
    await changed(service, first, { role: 'user' })
    expect(await service.authenticate(first.tokens.accessToken)).toMatchObject({ role: 'user' })
  })

  test('whose account was deactivated is refused [JW13] [SE8]', async () => {
    const { service, first } = await given()
    await changed(service, first, { isActive: false })
    expect(await isSignedIn(service, first)).toBe(false)
  })

  test('whose account was deleted is refused [JW13]', async () => {
    const { service, first, second } = await given()
    granted(await service.deleteAccount(first.caller, null))
    expect(await isSignedIn(service, first)).toBe(false)
    expect(await isSignedIn(service, second)).toBe(false)
  })

  test('whose session has ended or expired is refused [JW13]', async () => {
    const { service, first, second } = await given()
    await service.stores.sessions.end(sessionId(second), first.user.id, service.clock())
    service.states.forgetSession(sessionId(second))
    expect(await isSignedIn(service, second)).toBe(false)
    await service.pass(601 + 30)
    expect(await isSignedIn(service, first)).toBe(false)
  })

  test('with anything but an access token is refused [JW7]', async () => {
    const { service, first } = await given()
    for (const token of ['', 'x', first.tokens.refreshToken, `${first.tokens.accessToken}x`])
      expect(await service.authenticate(token)).toBeNull()
  })
})
