import { describe, expect, test } from 'bun:test'
import { Unavailable } from '../../../src/domain/shared/unavailable.ts'
import {
  granted,
  newClient,
  newRegistration,
  refusalOf,
} from '../../support/builders/accounts/registered-users.ts'
import { givenDatabase } from '../../support/builders/database/given-database.ts'
import { givenUseCases, UNLIMITED } from '../../support/builders/service/given-use-cases.ts'
import { FIRST_PAGE } from '../../support/builders/sessions/given-sessions.ts'

const database = await givenDatabase()

const problemsOf = async (changes: Parameters<typeof newRegistration>[0]) => {
  const service = await givenUseCases(database)
  return refusalOf(await service.registerUser(newRegistration(changes), newClient()))
}

describe('a registration', () => {
  test('makes an active, unverified user who is signed in, announced and audited once', async () => {
    const service = await givenUseCases(database)
    const client = newClient()
    const registration = newRegistration({ displayName: ' Zoe\u0308 ' })
    const { user, tokens } = granted(await service.registerUser(registration, client))
    expect(user).toMatchObject({
      email: registration.email,
      username: registration.username,
      displayName: 'Zoë',
      avatar: null,
      role: 'user',
      isActive: true,
      emailVerified: false,
      version: 1,
    })
    const caller = await service.authenticate(tokens.accessToken)
    expect(caller).toMatchObject({ id: user.id, session: client })
    expect(await service.eventsOf(user.id)).toMatchObject([{ action: 'created', version: 1 }])
    expect(await service.auditOf(user.id)).toMatchObject([
      {
        action: 'user.registered',
        result: 'ok',
        actorId: user.id,
        subjectId: user.id,
        addressPrefix: client.addressPrefix,
        at: service.clock(),
      },
    ])
    expect(service.measurements.count('registration ok')).toBe(1)
  })

  test('that brings fields which only the service sets leaves their defaults [RG10]', async () => {
    const service = await givenUseCases(database)
    const extra = { role: 'admin', isActive: false, emailVerified: true, id: 'x', version: 7 }
    const registration = { ...newRegistration(), ...extra }
    const { user } = granted(await service.registerUser(registration, newClient()))
    const defaults = { role: 'user', isActive: true, emailVerified: false }
    expect(user).toMatchObject({ ...defaults, version: 1 })
    const [created] = await service.eventsOf(user.id)
    expect(created?.state).toMatchObject(defaults)
  })

  test('with several malformed fields gets all of them, costs no attempt and changes nothing', async () => {
    const service = await givenUseCases(database)
    const client = newClient()
    const malformed = newRegistration({ email: 'x', username: 'a b', displayName: '\u200b' })
    for (let attempt = 0; attempt < 10; attempt += 1)
      expect(refusalOf(await service.registerUser(malformed, client))).toEqual({
        kind: 'invalid-request',
        problems: [
          { field: 'email', code: 'not-an-email' },
          { field: 'username', code: 'characters' },
          { field: 'displayName', code: 'not-a-display-name' },
        ],
      })
    expect([service.passwords.hashed(), service.commits()]).toEqual([0, 0])
    expect(granted(await service.registerUser(newRegistration(), client)).user.version).toBe(1)
  })

  test.each([
    ['on the list', 'password1234', { weakness: 'too-common' }],
    ['of five characters', 'short', { weakness: 'too-short', limit: 12 }],
    ['of 129 characters', 'x'.repeat(129), { weakness: 'too-long', limit: 128 }],
    ['of a megabyte', 'x'.repeat(1_000_000), { weakness: 'too-long', limit: 128 }],
    ['named after the service', 'auth-service-1', { weakness: 'made-of-names' }],
  ] as const)(
    'with a password %s is refused, unhashed, with the limit [PW3] [RG7]',
    async (_, password, reason) => {
      const service = await givenUseCases(database)
      const refused = await service.registerUser(newRegistration({ password }), newClient())
      expect(refusalOf(refused)).toEqual({ kind: 'weak-password', field: 'password', ...reason })
      expect(service.passwords.hashed()).toBe(0)
    },
  )

  test.each([
    ['weak', 'short', { code: 'too-short', limit: 12 }],
    ['made of the name that is valid', 'jane.roe-2026!', { code: 'made-of-names' }],
    ['not well-formed', 'four quiet lanterns \ud83d', { code: 'not-text' }],
  ] as const)(
    'with a malformed address and a password that is %s gets both in one answer',
    async (_, password, reason) => {
      expect(await problemsOf({ email: 'x', username: 'jane.roe', password })).toEqual({
        kind: 'invalid-request',
        problems: [
          { field: 'email', code: 'not-an-email' },
          { field: 'password', ...reason },
        ],
      })
    },
  )

  test('that is incomplete can be checked by its other fields, without an attempt', async () => {
    const { checkRegistration, registerUser } = await givenUseCases(database)
    const short = { field: 'password', code: 'too-short', limit: 12 } as const
    for (let check = 0; check < 10; check += 1) {
      expect(checkRegistration({ email: 'x', password: 'short' })).toEqual([
        { field: 'email', code: 'not-an-email' },
        short,
      ])
      expect(checkRegistration({ username: 'admin', displayName: '' })).toEqual([
        { field: 'username', code: 'reserved' },
        { field: 'displayName', code: 'not-a-display-name' },
      ])
    }
    expect(checkRegistration({ displayName: null })).toEqual([])
    expect(checkRegistration(newRegistration())).toEqual([])
    granted(await registerUser(newRegistration(), newClient()))
  })

  test.each([
    ['jane.roe-2026!', { username: 'jane.roe' }],
    ['janeroe123456', { username: 'someone', email: 'jane.roe@example.com' }],
    ['jane.roe@example.com', { username: 'someone', email: 'jane.roe@example.com' }],
  ])('with the password %s made of its own names is refused [PW3]', async (password, names) => {
    expect(await problemsOf({ password, ...names })).toEqual({
      kind: 'weak-password',
      field: 'password',
      weakness: 'made-of-names',
    })
  })

  test('with a password that is not well-formed text is refused', async () => {
    expect(await problemsOf({ password: 'four quiet lanterns \ud83d' })).toEqual({
      kind: 'invalid-request',
      problems: [{ field: 'password', code: 'not-text' }],
    })
  })

  test.each([['admin'], ['ADMIN'], ['Ａｄｍｉｎ'], ['аԁміո'], ['root'], ['support']])(
    'as %s is refused, because the name is reserved or looks like one that is [RG2]',
    async (username) => {
      expect(await problemsOf({ username })).toMatchObject({
        kind: 'invalid-request',
        problems: [{ field: 'username' }],
      })
    },
  )

  test('under a name that is taken in another Unicode form finds it taken [RG1]', async () => {
    const service = await givenUseCases(database)
    granted(await service.registerUser(newRegistration({ username: 'Zoëfin' }), newClient()))
    for (const username of ['zoëfin', 'ZOE\u0308FIN', 'ｚｏｅ\u0308ｆｉｎ', 'zoëﬁn'])
      expect(
        refusalOf(await service.registerUser(newRegistration({ username }), newClient())),
      ).toEqual({ kind: 'username-taken' })
  })

  test('under a name that only looks like a taken one is refused as confusable [RG2]', async () => {
    const service = await givenUseCases(database)
    granted(await service.registerUser(newRegistration({ username: 'scope' }), newClient()))
    const lookalike = newRegistration({ username: 'ѕсоре' })
    expect(refusalOf(await service.registerUser(lookalike, newClient()))).toEqual({
      kind: 'invalid-request',
      problems: [{ field: 'username', code: 'confusable' }],
    })
  })

  test('of an address in another spelling finds it taken and leaves nothing behind [RG4]', async () => {
    const service = await givenUseCases(database)
    granted(await service.registerUser(newRegistration({ email: 'A@X.com' }), newClient()))
    const { username } = newRegistration()
    for (const email of ['a@x.COM', ' a@x.com', 'ａ@x.com']) {
      const again = newRegistration({ email, username })
      expect(refusalOf(await service.registerUser(again, newClient()))).toEqual({
        kind: 'email-taken',
      })
    }
    expect(service.commits()).toBe(1)
    granted(await service.registerUser(newRegistration({ username }), newClient()))
  })

  test('of an IDN address in its other form finds it taken [RG5]', async () => {
    const service = await givenUseCases(database)
    const given = newRegistration({ email: 'a@bücher.example' })
    const { user } = granted(await service.registerUser(given, newClient()))
    expect<string | null>(user.email).toBe('a@xn--bcher-kva.example')
    const again = newRegistration({ email: 'A@xn--bcher-kva.example' })
    expect(refusalOf(await service.registerUser(again, newClient())).kind).toBe('email-taken')
  })

  test('run a hundred times at once for one address succeeds once [RG4]', async () => {
    const service = await givenUseCases(database)
    const { email } = newRegistration()
    const outcomes = await Promise.all(
      Array.from({ length: 100 }, () =>
        service.registerUser(newRegistration({ email }), newClient()),
      ),
    )
    const kinds = outcomes.map((outcome) => (outcome.ok ? 'made' : outcome.refusal.kind))
    expect<string[]>(kinds.toSorted()).toEqual([
      ...Array.from({ length: 99 }, () => 'email-taken'),
      'made',
    ])
    expect(service.commits()).toBe(1)
  })

  test('of a taken address costs a hash and an attempt like any other [EN4]', async () => {
    const service = await givenUseCases(database)
    const taken = newRegistration()
    granted(await service.registerUser(taken, newClient()))
    const client = newClient()
    for (let attempt = 0; attempt < 5; attempt += 1)
      expect(refusalOf(await service.registerUser(taken, client))).toEqual({ kind: 'email-taken' })
    expect(service.passwords.hashed()).toBe(6)
    expect(refusalOf(await service.registerUser(taken, client))).toEqual({
      kind: 'too-many-attempts',
      retryAfterSeconds: 3600,
    })
    expect(service.passwords.hashed()).toBe(6)
    expect(service.measurements.count('registration refused')).toBe(5)
    expect(service.measurements.count('registration limited')).toBe(1)
  })

  test('beyond the budget of an address is refused for as long as the answer says [EN4]', async () => {
    const service = await givenUseCases(database)
    const client = newClient()
    const register = () => service.registerUser(newRegistration(), client)
    for (let attempt = 0; attempt < 5; attempt += 1) granted(await register())
    expect(refusalOf(await register())).toEqual({
      kind: 'too-many-attempts',
      retryAfterSeconds: 3600,
    })
    granted(await service.registerUser(newRegistration(), newClient()))
    await service.pass(3600)
    granted(await register())
  })

  test('costs no attempt while hashing is at capacity [PW10]', async () => {
    const service = await givenUseCases(database)
    const client = newClient()
    service.passwords.leaveRoomFor(0)
    for (let attempt = 0; attempt < 20; attempt += 1)
      await expect(service.registerUser(newRegistration(), client)).rejects.toThrow('full')
    service.passwords.leaveRoomFor(1)
    granted(await service.registerUser(newRegistration(), client))
  })

  test('that ends with a fault leaves nothing behind', async () => {
    const service = await givenUseCases(database)
    const registration = newRegistration({ idempotencyKey: 'fault' })
    service.passwords.failNext(new Unavailable('the queue is full'))
    const failed = service.registerUser(registration, newClient())
    expect(await failed.catch((fault: unknown) => fault)).toBeInstanceOf(Unavailable)
    expect(service.commits()).toBe(0)
    granted(await service.registerUser(registration, newClient()))
  })
})

describe('a registration with an Idempotency-Key', () => {
  const given = async () => {
    const service = await givenUseCases(database)
    const registration = newRegistration({ idempotencyKey: `key ${newRegistration().username}` })
    const first = granted(await service.registerUser(registration, newClient()))
    return { service, registration, first }
  }

  test('repeated gives the same user, a session of its own and no second event [RG11]', async () => {
    const { service, registration, first } = await given()
    const client = newClient()
    const second = granted(await service.registerUser(registration, client))
    expect(second.user).toEqual(first.user)
    expect(await service.eventsOf(first.user.id)).toHaveLength(1)
    const caller = await service.authenticate(second.tokens.accessToken)
    expect(caller && (await service.listSessions(caller, FIRST_PAGE))).toHaveLength(2)
    const trail = await service.auditOf(first.user.id)
    expect(trail.map(({ action }) => action)).toEqual(['user.registered', 'sign-in.succeeded'])
  })

  test('repeated often costs no attempt [RG11]', async () => {
    const { service, registration } = await given()
    const client = newClient()
    for (let attempt = 0; attempt < 12; attempt += 1)
      granted(await service.registerUser(registration, client))
  })

  test('repeated with another body or password is refused and signs nobody in [RG11]', async () => {
    const { service, registration, first } = await given()
    const others = [
      { username: newRegistration().username },
      { displayName: 'Somebody' },
      { password: 'another quiet lantern' },
    ]
    for (const other of others) {
      const repeated = service.registerUser({ ...registration, ...other }, newClient())
      expect(refusalOf(await repeated)).toEqual({ kind: 'idempotency-key-reused' })
    }
    const caller = await service.authenticate(first.tokens.accessToken)
    expect(caller && (await service.listSessions(caller, FIRST_PAGE))).toHaveLength(1)
    expect(service.commits()).toBe(1)
  })

  test('is apart from registrations of other addresses under the same key [RG14]', async () => {
    const { service, registration, first } = await given()
    const stranger = { ...newRegistration(), idempotencyKey: registration.idempotencyKey }
    const other = granted(await service.registerUser(stranger, newClient()))
    expect(other.user.id).not.toBe(first.user.id)
    for (const [repeated, user] of [
      [registration, first.user],
      [stranger, other.user],
    ] as const)
      expect(granted(await service.registerUser(repeated, newClient())).user).toEqual(user)
    const taken = { ...registration, email: newRegistration().email }
    expect(refusalOf(await service.registerUser(taken, newClient()))).toEqual({
      kind: 'username-taken',
    })
  })

  test('tries a password with the budgets and the audit trail of a sign-in [RG14]', async () => {
    const { service, registration, first } = await given()
    const guess = { ...registration, password: 'another quiet lantern' }
    const clients = Array.from({ length: 10 }, () => newClient())
    for (const client of clients)
      expect(refusalOf(await service.registerUser(guess, client)).kind).toBe(
        'idempotency-key-reused',
      )
    const before = service.passwords.verified()
    const limited = refusalOf(await service.registerUser(registration, newClient()))
    expect(limited.kind).toBe('too-many-attempts')
    const signIn = await service.signIn(registration.email, registration.password, newClient())
    expect(refusalOf(signIn).kind).toBe('too-many-attempts')
    expect(service.passwords.verified()).toBe(before)
    const trail = await service.auditOf(first.user.id)
    expect(trail.filter(({ action }) => action === 'sign-in.failed')).toHaveLength(10)
    expect(await service.auditOn(registration.email)).toHaveLength(10)
  })

  test('is refused after sign-ins have used up the budget of the address [RG14]', async () => {
    const { service, registration } = await given()
    const client = newClient()
    for (let guess = 0; guess < 5; guess += 1)
      await service.signIn(registration.email, 'another quiet lantern', client)
    expect(refusalOf(await service.registerUser(registration, client)).kind).toBe(
      'too-many-attempts',
    )
  })

  test('opens no session of an account past the cap of failures [RG14] [BF6]', async () => {
    const service = await givenUseCases(database, UNLIMITED)
    const registration = newRegistration({ idempotencyKey: 'past the cap' })
    granted(await service.registerUser(registration, newClient()))
    for (let guess = 0; guess < 100; guess += 1)
      await service.signIn(registration.email, 'another quiet lantern', newClient())
    expect(refusalOf(await service.registerUser(registration, newClient())).kind).toBe(
      'idempotency-key-reused',
    )
  })

  test('repeated with wrong passwords uses the budget of registrations [BF7]', async () => {
    const { service, registration } = await given()
    const client = newClient()
    const guess = { ...registration, password: 'another quiet lantern' }
    for (let attempt = 0; attempt < 5; attempt += 1) await service.registerUser(guess, client)
    const before = service.passwords.verified()
    const limited = refusalOf(await service.registerUser(guess, client))
    expect(limited).toMatchObject({ kind: 'too-many-attempts' })
    expect(service.passwords.verified()).toBe(before)
    const another = await service.registerUser(newRegistration(), client)
    expect(refusalOf(another).kind).toBe('too-many-attempts')
  })

  test('repeated after its account was deleted does not meet the later one of the address [RG14]', async () => {
    const { service, registration, first } = await given()
    const caller = await service.authenticate(first.tokens.accessToken)
    expect(caller && granted(await service.deleteAccount(caller, null))).toBeNull()
    const again = { ...registration, idempotencyKey: 'another key' }
    const later = granted(await service.registerUser(again, newClient()))
    expect(later.user.id).not.toBe(first.user.id)
    const repeated = refusalOf(await service.registerUser(registration, newClient()))
    expect(repeated).toEqual({ kind: 'email-taken' })
  })

  test('repeated with the current password works after the first was changed [RG11]', async () => {
    const { service, registration, first } = await given()
    const caller = await service.authenticate(first.tokens.accessToken)
    if (caller === null) throw new Error('not signed in')
    const newPassword = 'another quiet lantern'
    const change = { currentPassword: registration.password, newPassword }
    granted(await service.changePassword(caller, change, newClient()))
    const old = await service.registerUser(registration, newClient())
    expect(refusalOf(old)).toEqual({ kind: 'idempotency-key-reused' })
    const repeated = { ...registration, password: newPassword }
    expect(granted(await service.registerUser(repeated, newClient())).user).toEqual(first.user)
  })

  test('repeated while the first still runs is told to retry [RG11]', async () => {
    const service = await givenUseCases(database)
    const registration = newRegistration({ idempotencyKey: 'while it runs' })
    const repeated: unknown[] = []
    service.passwords.beforeNextAnswer(async () => {
      repeated.push(refusalOf(await service.registerUser(registration, newClient())))
    })
    granted(await service.registerUser(registration, newClient()))
    expect(repeated).toEqual([{ kind: 'request-in-progress', retryAfterSeconds: 1 }])
  })

  test('run ten times at once makes one user [RG11]', async () => {
    const service = await givenUseCases(database, UNLIMITED)
    const registration = newRegistration({ idempotencyKey: 'at once' })
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, () => service.registerUser(registration, newClient())),
    )
    const users = outcomes.flatMap((outcome) => (outcome.ok ? [outcome.value.user.id] : []))
    const refusals = outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.refusal.kind]))
    expect([service.commits(), new Set(users).size]).toEqual([1, 1])
    expect(refusals.filter((kind) => kind !== 'request-in-progress')).toEqual([])
  })

  test('that was refused can be corrected under the same key', async () => {
    const { service, registration } = await given()
    const taken = newRegistration({ email: registration.email, idempotencyKey: 'to correct' })
    expect(refusalOf(await service.registerUser(taken, newClient())).kind).toBe('email-taken')
    const corrected = { ...taken, email: newRegistration().email }
    granted(await service.registerUser(corrected, newClient()))
  })

  test('repeated a day later is a new registration', async () => {
    const { service, registration } = await given()
    await service.pass(24 * 3600 + 1)
    const again = await service.registerUser(registration, newClient())
    expect(refusalOf(again)).toEqual({ kind: 'email-taken' })
  })
})
