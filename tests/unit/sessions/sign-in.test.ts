import { describe, expect, test } from 'bun:test'
import type { UserId } from '../../../src/domain/shared/ids.ts'
import type { Registration } from '../../../src/ports/driving/accounts/accounts.ts'
import { PASSWORD } from '../../support/builders/accounts/given-users.ts'
import type { Person } from '../../support/builders/accounts/registered-users.ts'
import {
  changed,
  granted,
  newClient,
  refusalOf,
  registered,
} from '../../support/builders/accounts/registered-users.ts'
import { storedUser } from '../../support/builders/accounts/stored-users.ts'
import { givenDatabase } from '../../support/builders/database/given-database.ts'
import type { GivenUseCases } from '../../support/builders/service/given-use-cases.ts'
import { givenUseCases, UNLIMITED } from '../../support/builders/service/given-use-cases.ts'
import { FIRST_PAGE } from '../../support/builders/sessions/given-sessions.ts'

const database = await givenDatabase()

const WRONG = 'not the right password'
const REFUSED = { kind: 'bad-credentials' } as const

const given = async (changes: Partial<Registration> = {}) => {
  const service = await givenUseCases(database)
  return { service, person: await registered(service, changes) }
}

const storedHash = ({ stores }: GivenUseCases, { user }: Person) =>
  stores.credentials.passwordHash(user.id)

describe('a sign-in', () => {
  test('opens a session of its own, recorded, without an event', async () => {
    const { service, person } = await given()
    const client = newClient()
    await service.pass(1000)
    const { user, tokens } = granted(await service.signIn(person.user.username, PASSWORD, client))
    expect(user).toEqual(person.user)
    const caller = await service.authenticate(tokens.accessToken)
    expect(caller?.session).toMatchObject({ ...client, authenticatedAt: service.clock() })
    expect(await service.eventsOf(user.id)).toHaveLength(1)
    expect((await service.auditOf(user.id)).at(-1)).toMatchObject({
      action: 'sign-in.succeeded',
      result: 'ok',
      actorId: user.id,
      sessionId: caller?.session.id,
      addressPrefix: client.addressPrefix,
      at: service.clock(),
    })
    expect(service.measurements.count('signIn ok')).toBe(1)
  })

  test('finds the account by any spelling of its address or name [RG1] [RG4]', async () => {
    const { service, person } = await given({ username: 'Zoëella', email: 'zoe.ella@x.com' })
    const names = ['zoëella', 'ZOE\u0308ELLA', ' Zoëella ', 'ｚｏｅ\u0308ella']
    const addresses = ['ZOE.Ella@X.COM', ' zoe.ella@x.com', 'ｚｏｅ.ella@x.com']
    for (const identifier of [...names, ...addresses])
      expect(granted(await service.signIn(identifier, PASSWORD, newClient())).user).toEqual(
        person.user,
      )
  })

  test('that may be of one user only opens no session of another one, with the right password [RG14]', async () => {
    const { service, person } = await given()
    const { id, email } = person.user
    const identifier = email === null ? null : ({ kind: 'email', email } as const)
    const attempt = { identifier, key: String(email), password: PASSWORD }
    const signIn = (onlyUser: UserId) =>
      service.attemptSignIn({ ...attempt, onlyUser }, newClient())
    expect(refusalOf(await signIn((await registered(service)).user.id))).toEqual(REFUSED)
    expect(granted(await signIn(id)).user).toEqual(person.user)
  })

  test('takes the password composed or decomposed [PW4]', async () => {
    const { service, person } = await given({ password: 'caf\u00e9 au lait maison' })
    const decomposed = 'cafe\u0301 au lait maison'
    granted(await service.signIn(person.user.username, decomposed, newClient()))
  })

  test.each([
    ['cut after its 72nd byte', 'x'.repeat(72)],
    ['without what follows a NUL', `${'x'.repeat(72)}\u0000`],
    ['with a space after it', `${'x'.repeat(72)}\u0000y `],
    ['in capitals', `${'X'.repeat(72)}\u0000Y`],
  ])('with the password %s is refused [RG8]', async (_, other) => {
    const { service, person } = await given({ password: `${'x'.repeat(72)}\u0000y` })
    const { username } = person.user
    expect(refusalOf(await service.signIn(username, other, newClient()))).toEqual(REFUSED)
    granted(await service.signIn(username, `${'x'.repeat(72)}\u0000y`, newClient()))
  })

  test('that succeeds costs no attempt', async () => {
    const { service, person } = await given()
    const client = newClient()
    for (let attempt = 0; attempt < 20; attempt += 1)
      granted(await service.signIn(person.user.username, PASSWORD, client))
  })
})

describe('a refused sign-in', () => {
  test('is the same for unknown, wrong, inactive and password-less accounts [EN1]', async () => {
    const service = await givenUseCases(database)
    const [wrong, inactive] = [await registered(service), await registered(service)]
    await changed(service, inactive, { isActive: false })
    const passwordless = await storedUser(service)
    const cases = [
      ['nobody-at-all', PASSWORD],
      ['nobody-at-all@example.com', PASSWORD],
      ['not a name', PASSWORD],
      ['nobody@', PASSWORD],
      ['nobody\u0000', PASSWORD],
      ['x'.repeat(10_000), PASSWORD],
      ['\u0301\u0327'.repeat(8000), PASSWORD],
      ['', PASSWORD],
      [wrong.user.username, WRONG],
      [wrong.user.username, ''],
      [wrong.user.username, '\ud83d'],
      [wrong.user.username, 'x'.repeat(10_000)],
      [inactive.user.username, PASSWORD],
      [passwordless.username, PASSWORD],
      [passwordless.username, ''],
    ] as const
    for (const [identifier, password] of cases) {
      const before = service.passwords.verified()
      const refusal = refusalOf(await service.signIn(identifier, password, newClient()))
      expect(refusal).toEqual(REFUSED)
      expect(service.passwords.verified() - before).toBe(1)
    }
    expect(service.measurements.count('signIn refused')).toBe(cases.length)
  })

  test('is recorded with the user it was tried on, and announces nothing', async () => {
    const { service, person } = await given()
    const client = newClient()
    await service.signIn(person.user.username, WRONG, client)
    expect((await service.auditOf(person.user.id)).at(-1)).toMatchObject({
      action: 'sign-in.failed',
      result: 'refused',
      actorId: null,
      sessionId: null,
      addressPrefix: client.addressPrefix,
      identifierMac: service.macs.of('identifier', person.user.username),
    })
    expect(service.commits()).toBe(1)
  })

  test('of an unknown user is recorded under the MAC of the normalized identifier', async () => {
    const service = await givenUseCases(database)
    await service.signIn(' Somebody-Unheard-OF ', WRONG, newClient())
    const [entry] = await service.auditOn('somebody-unheard-of')
    expect(entry).toMatchObject({ action: 'sign-in.failed', actorId: null, subjectId: null })
    expect(JSON.stringify(entry)).not.toContain('unheard')
  })

  test('of a password-less account leaves it without a password [PW8]', async () => {
    const service = await givenUseCases(database)
    const { id, username } = await storedUser(service)
    for (const password of [PASSWORD, '', 'null'])
      expect(refusalOf(await service.signIn(username, password, newClient()))).toEqual(REFUSED)
    expect(await service.stores.credentials.passwordHash(id)).toBeNull()
  })
})

describe('the renewal of a hash', () => {
  test('happens at a sign-in when parameters have changed [PW5]', async () => {
    const { service, person } = await given()
    const before = await storedHash(service, person)
    service.passwords.strengthen()
    granted(await service.signIn(person.user.username, PASSWORD, newClient()))
    const after = await storedHash(service, person)
    expect(after).not.toBe(before)
    granted(await service.signIn(person.user.username, PASSWORD, newClient()))
    expect(await storedHash(service, person)).toBe(after)
    expect(service.commits()).toBe(1)
  })

  test('does not happen without a change, nor at a refused sign-in [PW5]', async () => {
    const { service, person } = await given()
    const before = await storedHash(service, person)
    granted(await service.signIn(person.user.username, PASSWORD, newClient()))
    service.passwords.strengthen()
    await service.signIn(person.user.username, WRONG, newClient())
    expect(await storedHash(service, person)).toBe(before)
  })

  test('may fail without spoiling the sign-in, and is logged [PW5]', async () => {
    const { service, person } = await given()
    service.passwords.strengthen()
    service.passwords.beforeNextAnswer(async () => {
      service.passwords.failNext(new Error('no memory'))
    })
    granted(await service.signIn(person.user.username, PASSWORD, newClient()))
    expect(service.logged).toEqual(['warn password.rehash-failed'])
    granted(await service.signIn(person.user.username, PASSWORD, newClient()))
  })

  test('by twenty sign-ins at once leaves one hash that works [PW5]', async () => {
    const service = await givenUseCases(database, UNLIMITED)
    const person = await registered(service)
    service.passwords.strengthen()
    const { username } = person.user
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () => service.signIn(username, PASSWORD, newClient())),
    )
    expect(outcomes.filter(({ ok }) => !ok)).toEqual([])
    expect(await storedHash(service, person)).toStartWith('$quick$p=2$')
    granted(await service.signIn(username, PASSWORD, newClient()))
  })
})

describe('a stored hash that is not usable', () => {
  test('refuses like a wrong password, with an audit entry and a log line [PW14]', async () => {
    const { service, person } = await given()
    const { user, caller, client } = person
    await service.stores.credentials.setPasswordHash(user.id, '$argon2id$v=19$m=4194304,t=3,p=1$')
    const refused = await service.signIn(user.username, PASSWORD, newClient())
    expect(refusalOf(refused)).toEqual({ kind: 'bad-credentials' })
    expect((await service.auditOf(user.id)).at(-1)).toMatchObject({
      action: 'sign-in.failed',
      result: 'refused',
      details: 'the stored hash is not usable',
    })
    expect(service.logged).toEqual(['error password.hash-unusable'])
    const change = { currentPassword: PASSWORD, newPassword: 'another quiet lantern' }
    const wrong = { kind: 'wrong-password' as const }
    expect(refusalOf(await service.changePassword(caller, change, client))).toEqual(wrong)
    expect(refusalOf(await service.reauthenticate(caller, PASSWORD, client))).toEqual(wrong)
    expect((await service.auditOf(user.id)).at(-1)).toMatchObject({ result: 'refused' })
  })

  test('is not reported for a wrong password or an account without one [PW14]', async () => {
    const { service, person } = await given()
    await service.signIn(person.user.username, WRONG, newClient())
    expect((await service.auditOf(person.user.id)).at(-1)).toMatchObject({ details: null })
    expect(service.logged).toEqual([])
  })
})

describe('a sign-in that overlaps a change', () => {
  test('of the password leaves no session that was opened with the old one [SE8]', async () => {
    const { service, person } = await given()
    const change = { currentPassword: PASSWORD, newPassword: 'another quiet lantern' }
    service.passwords.beforeNextAnswer(async () => {
      granted(await service.changePassword(person.caller, change, person.client))
    })
    const late = await service.signIn(person.user.username, PASSWORD, newClient())
    expect(refusalOf(late)).toEqual(REFUSED)
    expect(await service.listSessions(person.caller, FIRST_PAGE)).toHaveLength(1)
  })

  test('of the hash alone succeeds, because the password is still right [PW5]', async () => {
    const { service, person } = await given()
    service.passwords.strengthen()
    const { username } = person.user
    service.passwords.beforeNextAnswer(async () => {
      granted(await service.signIn(username, PASSWORD, newClient()))
    })
    granted(await service.signIn(username, PASSWORD, newClient()))
  })

  test('that removes the account is refused like any other', async () => {
    const { service, person } = await given()
    service.passwords.beforeNextAnswer(async () => {
      granted(await service.deleteAccount(person.caller, null))
    })
    const late = await service.signIn(person.user.username, PASSWORD, newClient())
    expect(refusalOf(late)).toEqual(REFUSED)
  })

  test('that closes the account is refused like any other [SE8]', async () => {
    const { service, person } = await given()
    service.passwords.beforeNextAnswer(() => changed(service, person, { isActive: false }))
    const late = await service.signIn(person.user.username, PASSWORD, newClient())
    expect(refusalOf(late)).toEqual(REFUSED)
  })
})
