import { describe, expect, test } from 'bun:test'
import { makeIdentifiers } from '../../../src/adapters/platform/identifiers.ts'
import { makeDeleteAccount } from '../../../src/application/accounts/delete-account.ts'
import type { Transact } from '../../../src/ports/driven/transact.ts'
import { PASSWORD } from '../../support/builders/accounts/given-users.ts'
import {
  administrator,
  changed,
  granted,
  newClient,
  newRegistration,
  refusalOf,
  registered,
} from '../../support/builders/accounts/registered-users.ts'
import { givenDatabase } from '../../support/builders/database/given-database.ts'
import { givenUseCases, UNLIMITED } from '../../support/builders/service/given-use-cases.ts'

const database = await givenDatabase()

const given = async () => {
  const service = await givenUseCases(database)
  return { service, person: await registered(service) }
}

describe('the deletion of an account', () => {
  test('removes it with its sessions, announced once with the last state, recorded', async () => {
    const { service, person } = await given()
    const { id, email, username } = person.user
    expect(granted(await service.deleteAccount(person.caller, null))).toBeNull()
    expect(await service.readProfile(person.caller)).toBeNull()
    expect(await service.stores.sessions.find(person.caller.session.id)).toBeNull()
    const events = await service.eventsOf(id)
    expect(events).toMatchObject([
      { action: 'created', version: 1 },
      { action: 'deleted', version: 2, state: { email, username } },
    ])
    expect((await service.auditOf(id)).at(-1)).toMatchObject({
      action: 'user.deleted',
      result: 'ok',
      actorId: id,
      sessionId: person.caller.session.id,
    })
  })

  test('frees the address and the name', async () => {
    const { service, person } = await given()
    granted(await service.deleteAccount(person.caller, null))
    const { email, username } = person.user
    const again = newRegistration({ email: `${email}`, username })
    expect(granted(await service.registerUser(again, newClient())).user.id).not.toBe(person.user.id)
  })

  test('five minutes after the proof of identity needs a new one', async () => {
    const { service, person } = await given()
    await service.pass(301)
    const refused = await service.deleteAccount(person.caller, null)
    expect(refusalOf(refused)).toEqual({ kind: 'recent-login-required' })
    granted(await service.reauthenticate(person.caller, PASSWORD, person.client))
    const caller = await service.authenticate(person.tokens.accessToken)
    expect(caller && granted(await service.deleteAccount(caller, null))).toBeNull()
  })

  test('of another version than expected is refused and removes nothing [AZ11]', async () => {
    const { service, person } = await given()
    await changed(service, person, { role: 'moderator' })
    for (const expected of [[1], [], [3, 1]])
      expect(refusalOf(await service.deleteAccount(person.caller, expected))).toEqual({
        kind: 'version-mismatch',
      })
    expect(await service.readProfile(person.caller)).not.toBeNull()
    expect(granted(await service.deleteAccount(person.caller, [1, 2]))).toBeNull()
  })

  test('of an account that is deleted already finds nothing', async () => {
    const { service, person } = await given()
    granted(await service.deleteAccount(person.caller, null))
    expect(refusalOf(await service.deleteAccount(person.caller, null))).toEqual({
      kind: 'not-found',
    })
    expect(await service.eventsOf(person.user.id)).toHaveLength(2)
  })

  test('in a session that has just ended is refused and removes nothing [PW12]', async () => {
    const { service, person } = await given()
    await service.signOutEverywhere(person.caller)
    expect(refusalOf(await service.deleteAccount(person.caller, null))).toEqual({
      kind: 'session-ended',
    })
    expect(await service.readProfile(person.caller)).not.toBeNull()
    expect(await service.eventsOf(person.user.id)).toHaveLength(1)
  })

  test('whose audit entry fails is rolled back, its event included', async () => {
    const { service, person } = await given()
    const audit = { append: () => Promise.reject(new Error('the trail is full')) }
    const transact: Transact = (work) => service.transact((stores) => work({ ...stores, audit }))
    const identifiers = makeIdentifiers(() => null)
    const deleteAccount = makeDeleteAccount({ ...service, transact, identifiers })
    const failed = deleteAccount(person.caller, null)
    expect(await failed.catch(() => 'failed')).toBe('failed')
    expect(await service.readProfile(person.caller)).toEqual(person.user)
    expect(await service.eventsOf(person.user.id)).toHaveLength(1)
  })

  test('requested ten times at once happens once', async () => {
    const { service, person } = await given()
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, () => service.deleteAccount(person.caller, null)),
    )
    const refusals = outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.refusal.kind]))
    expect(refusals).toHaveLength(9)
    for (const kind of refusals) expect(['not-found', 'session-ended']).toContain(kind)
    expect(await service.eventsOf(person.user.id)).toHaveLength(2)
  })
})

describe('the last administrator', () => {
  test('cannot leave, whoever else there is [AZ4]', async () => {
    const service = await givenUseCases(await givenDatabase())
    const admin = await administrator(service)
    const closed = await administrator(service)
    await changed(service, closed, { isActive: false })
    await changed(service, await registered(service), { role: 'moderator' })
    const refused = await service.deleteAccount(admin.caller, null)
    expect(refusalOf(refused)).toEqual({ kind: 'last-admin' })
    expect(await service.readProfile(admin.caller)).not.toBeNull()
    expect(await service.eventsOf(admin.user.id)).toHaveLength(1)
    await changed(service, closed, { isActive: true })
    granted(await service.deleteAccount(admin.caller, null))
  })

  test('stays when two leave at once, a hundred times over [AZ4]', async () => {
    const service = await givenUseCases(await givenDatabase(), UNLIMITED)
    let last = await administrator(service)
    for (let round = 0; round < 100; round += 1) {
      const pair = [last, await administrator(service)] as const
      const outcomes = await Promise.all(
        pair.map(({ caller }) => service.deleteAccount(caller, null)),
      )
      const refusals = outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.refusal]))
      expect(refusals).toEqual([{ kind: 'last-admin' }])
      last = outcomes[0]?.ok === true ? pair[1] : pair[0]
    }
    expect(await service.readProfile(last.caller)).not.toBeNull()
  }, 60_000)
})
