import { describe, expect, test } from 'bun:test'
import { parseIdentifier } from '../../../src/domain/accounts/identifier.ts'
import type { Client } from '../../../src/domain/sessions/session.ts'
import { Unavailable } from '../../../src/domain/shared/unavailable.ts'
import { PASSWORD } from '../../support/builders/accounts/given-users.ts'
import {
  granted,
  newClient,
  newRegistration,
  refusalOf,
  registered,
} from '../../support/builders/accounts/registered-users.ts'
import { givenDatabase } from '../../support/builders/database/given-database.ts'
import {
  hashesForSite,
  kindOf,
  rightAfterGuesses,
  signInsInAMinute,
  WRONG,
} from '../../support/builders/limits/spent-budgets.ts'
import type { GivenUseCases } from '../../support/builders/service/given-use-cases.ts'
import { givenUseCases, UNLIMITED } from '../../support/builders/service/given-use-cases.ts'
import { FIRST_PAGE, givenClient } from '../../support/builders/sessions/given-sessions.ts'

const database = await givenDatabase()

/** Guesses from one address until it has to wait. Answers for how long, and after how many guesses. */
const exhaust = async (service: GivenUseCases, identifier: string, client: Client) => {
  for (let guesses = 1; guesses <= 200; guesses += 1) {
    const refusal = refusalOf(await service.signIn(identifier, WRONG, client))
    if (refusal.kind === 'too-many-attempts') return { guesses, seconds: refusal.retryAfterSeconds }
  }
  throw new Error('200 guesses were allowed')
}

describe('the budget of sign-ins', () => {
  test('is not used while hashing is at capacity [PW10]', async () => {
    const service = await givenUseCases(database)
    const { user } = await registered(service)
    const client = newClient()
    service.passwords.leaveRoomFor(0)
    const refused = await Promise.allSettled(
      Array.from({ length: 20 }, () => service.signIn(user.username, PASSWORD, client)),
    )
    for (const outcome of refused)
      expect(outcome).toMatchObject({ status: 'rejected', reason: { name: 'Unavailable' } })
    service.passwords.leaveRoomFor(1)
    expect(await kindOf(service, user.username, client, PASSWORD)).toBe('ok')
  })

  test('is used at once by at most as many sign-ins as can be hashed [PW10]', async () => {
    const service = await givenUseCases(database)
    const { user } = await registered(service)
    service.passwords.leaveRoomFor(3)
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, () => service.signIn(user.username, PASSWORD, newClient())),
    )
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
    expect(service.passwords.verified()).toBe(3)
  })

  test('is asked before a place in the hash queue is taken [PW13]', async () => {
    const service = await givenUseCases(database)
    const { user } = await registered(service)
    const client = newClient()
    await exhaust(service, user.username, client)
    const before = service.passwords.reservations()
    for (let attempt = 0; attempt < 80; attempt += 1)
      expect(await kindOf(service, user.username, client)).toBe('too-many-attempts')
    expect(service.passwords.reservations()).toBe(before)
  })

  test('of a blocked account lets one address take fifty places of the hash queue [PW13]', async () => {
    const service = await givenUseCases(database)
    const { user } = await registered(service)
    for (let address = 0; address < 10; address += 1)
      await service.signIn(user.username, WRONG, newClient())
    const client = newClient()
    const before = service.passwords.reservations()
    for (let attempt = 0; attempt < 200; attempt += 1)
      expect(await kindOf(service, user.username, client)).toBe('too-many-attempts')
    expect(service.passwords.reservations() - before).toBe(50)
  })

  test('is not used by a sign-in that finds no place in the hash queue [PW13]', async () => {
    const service = await givenUseCases(database)
    const { user } = await registered(service)
    const client = newClient()
    for (let attempt = 0; attempt < 20; attempt += 1) {
      service.passwords.failNext(new Unavailable('the queue is full'))
      await expect(service.signIn(user.username, PASSWORD, client)).rejects.toThrow('full')
    }
    expect(await kindOf(service, user.username, client, PASSWORD)).toBe('ok')
  })

  test('of an account and address ends at the sixth guess, the right one included [BF1]', async () => {
    const service = await givenUseCases(database)
    const { user } = await registered(service)
    const client = newClient()
    const { guesses, seconds } = await exhaust(service, user.username, client)
    expect(guesses).toBe(6)
    expect(Number.isInteger(seconds)).toBe(true)
    expect(seconds).toBeWithin(1, 901)
    const verified = service.passwords.verified()
    expect(await kindOf(service, user.username, client, PASSWORD)).toBe('too-many-attempts')
    expect(service.passwords.verified()).toBe(verified)
    expect(service.measurements.count('signIn limited')).toBe(2)
  })

  test('opens again after the announced time [BF1]', async () => {
    const service = await givenUseCases(database)
    const { user } = await registered(service)
    const client = newClient()
    const { seconds } = await exhaust(service, user.username, client)
    await service.pass(seconds - 1)
    expect(await kindOf(service, user.username, client, PASSWORD)).toBe('too-many-attempts')
    await service.pass(1)
    expect(await kindOf(service, user.username, client, PASSWORD)).toBe('ok')
  })

  test('does not lock out other addresses [BF1]', async () => {
    const service = await givenUseCases(database)
    const { user } = await registered(service)
    await exhaust(service, user.username, newClient())
    expect(await kindOf(service, user.username, newClient(), PASSWORD)).toBe('ok')
  })

  test('is shared by all spellings of an identifier', async () => {
    const service = await givenUseCases(database)
    const { user } = await registered(service, { username: `Zoë${newRegistration().username}` })
    const client = newClient()
    const { username } = user
    const spellings = [username, username.toUpperCase(), username.normalize('NFD'), ` ${username} `]
    for (const spelling of [...spellings, username])
      expect(await kindOf(service, spelling, client)).toBe('bad-credentials')
    for (const spelling of spellings)
      expect(await kindOf(service, spelling, client)).toBe('too-many-attempts')
  })

  test('ends at the same guess for identifiers that nobody has [EN3]', async () => {
    const service = await givenUseCases(database)
    const { user } = await registered(service)
    const outcomes = []
    for (const identifier of [user.username, 'nobody-yet', 'nobody@example.com', '\u0000', '@@'])
      outcomes.push(await exhaust(service, identifier, newClient()))
    expect(new Set(outcomes.map((outcome) => JSON.stringify(outcome))).size).toBe(1)
  })

  test('lets 200 parallel guesses cost five verifications at most [BF2]', async () => {
    const service = await givenUseCases(database)
    const { user } = await registered(service)
    const client = newClient()
    const kinds = await Promise.all(
      Array.from({ length: 200 }, () => kindOf(service, user.username, client)),
    )
    expect(service.passwords.verified()).toBeWithin(1, 6)
    expect(kinds.filter((kind) => kind === 'bad-credentials').length).toBeWithin(1, 6)
    expect(kinds.filter((kind) => kind === 'too-many-attempts').length).toBeGreaterThanOrEqual(195)
  })

  test('stops one password on a thousand accounts from one address [BF3]', async () => {
    const service = await givenUseCases(database)
    const client = newClient()
    const names = Array.from({ length: 1000 }, (_, index) => `victim${index}`)
    await Promise.all(names.map((name) => service.signIn(name, PASSWORD, client)))
    expect(service.passwords.verified()).toBe(50)
    expect(service.measurements.count('signIn limited')).toBe(950)
  }, 30_000)

  test('stops a thousand addresses on one account [BF3]', async () => {
    const service = await givenUseCases(database)
    const { user } = await registered(service)
    for (let address = 0; address < 1000; address += 1)
      await service.signIn(user.username, WRONG, newClient())
    expect(service.passwords.verified()).toBe(10)
    expect(service.measurements.count('signIn limited')).toBe(990)
  }, 30_000)

  test('of the account is not shared with an address that its owner has used', async () => {
    const service = await givenUseCases(database)
    const { user, client } = await registered(service)
    for (let address = 0; address < 30; address += 1)
      await service.signIn(user.username, WRONG, newClient())
    expect(await kindOf(service, user.username, newClient(), PASSWORD)).toBe('too-many-attempts')
    expect(await kindOf(service, user.username, client, PASSWORD)).toBe('ok')
  })
})

describe('one account with two identifiers', () => {
  const given = async () => {
    const service = await givenUseCases(database)
    const { user, client } = await registered(service)
    return { service, username: user.username, email: user.email ?? '', owner: client }
  }

  test('has one budget at one address for both [BF12]', async () => {
    const { service, username, email } = await given()
    const client = newClient()
    expect(await rightAfterGuesses(service, [username, email], client)).toEqual([
      'bad-credentials',
      'bad-credentials',
    ])
    await service.pass(900)
    expect(await kindOf(service, email, client, PASSWORD)).toBe('ok')
  })

  test('has one budget for all addresses for both, and its owner has one apart [BF12]', async () => {
    const { service, username, email, owner } = await given()
    for (let guess = 0; guess < 10; guess += 1)
      await kindOf(service, guess % 2 === 0 ? username : email, newClient())
    expect(await kindOf(service, username, newClient(), PASSWORD)).toBe('bad-credentials')
    expect(await kindOf(service, email, newClient(), PASSWORD)).toBe('bad-credentials')
    expect(await kindOf(service, email, owner, PASSWORD)).toBe('ok')
  })

  test('has one failure for each guess that was compared, and none for those beyond the budget [BF11]', async () => {
    const { service, username, email } = await given()
    for (let guess = 0; guess < 10; guess += 1) await kindOf(service, username, newClient())
    for (let guess = 0; guess < 10; guess += 1) await kindOf(service, email, newClient())
    const identifier = parseIdentifier(username)
    const record =
      identifier &&
      (await service.stores.credentials.forSignIn(
        identifier,
        newClient().addressPrefix,
        service.clock(),
      ))
    expect(record?.consecutiveFailures).toBe(10)
  })

  test('answers to two identifiers as two accounts and as nobody would [BF12] [EN3]', async () => {
    const { service, username, email } = await given()
    const other = await registered(service)
    const pairs = [
      [username, email],
      [username, other.user.email ?? ''],
      ['nobody-at-all', 'nobody-at-all@example.com'],
      ['nobody-else', email],
    ] as const
    const answers = []
    for (const pair of pairs) {
      await service.pass(7200)
      const client = newClient()
      const before = service.passwords.verified()
      const kinds: string[] = []
      for (const identifier of pair)
        for (let guess = 0; guess < 7; guess += 1)
          kinds.push(await kindOf(service, identifier, client))
      answers.push({ kinds, verified: service.passwords.verified() - before })
    }
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
  })

  test('gives both budgets back for a right password [BF12]', async () => {
    const { service, username, email } = await given()
    const client = newClient()
    for (let round = 0; round < 4; round += 1) {
      expect(await kindOf(service, username, client)).toBe('bad-credentials')
      for (const identifier of [username, email, username, email])
        expect(await kindOf(service, identifier, client, PASSWORD)).toBe('ok')
    }
  })
})

describe('an IPv6 site', () => {
  test('has five times the budget of one of its networks [BF12]', async () => {
    const service = await givenUseCases(database)
    expect(await hashesForSite(service, 7)).toBe(250)
    expect(await hashesForSite(service, 8)).toBe(250)
  }, 30_000)

  test('registers five times as many accounts as one of its networks [BF12]', async () => {
    const service = await givenUseCases(database)
    const kinds: string[] = []
    for (let network = 0; network < 8; network += 1)
      for (let time = 0; time < 6; time += 1) {
        const client = givenClient(`2001:db8:9:${network}::/64`)
        const outcome = await service.registerUser(newRegistration(), client)
        kinds.push(outcome.ok ? 'ok' : outcome.refusal.kind)
      }
    expect(kinds.filter((kind) => kind === 'ok')).toHaveLength(25)
    expect(kinds.slice(0, 6)).toEqual([...Array(5).fill('ok'), 'too-many-attempts'])
  })
})

describe('right passwords', () => {
  test('have a budget for each account and address, and cost no hash beyond it [SE15]', async () => {
    const service = await givenUseCases(database)
    const { user } = await registered(service)
    const client = newClient()
    // Wrong passwords do not use it.
    for (let time = 0; time < 4; time += 1)
      expect(await kindOf(service, user.username, client)).toBe('bad-credentials')
    expect(await signInsInAMinute(service, user.username, client)).toEqual({
      letIn: 30,
      hashes: 30,
    })
    const verified = service.passwords.verified()
    expect(await kindOf(service, user.username, client)).toBe('too-many-attempts')
    expect(service.passwords.verified()).toBe(verified)
    expect(await kindOf(service, user.username, newClient(), PASSWORD)).toBe('ok')
    await service.pass(60)
    expect(await kindOf(service, user.username, client, PASSWORD)).toBe('ok')
  })

  test('by username and by email address share that budget, and wrong ones do not use it [SE15]', async () => {
    const service = await givenUseCases(database)
    const { user } = await registered(service)
    const client = newClient()
    const names = [user.username, user.email ?? '']
    for (let time = 0; time < 30; time += 1) {
      expect(await kindOf(service, names[time % 2] ?? '', client, PASSWORD)).toBe('ok')
      if (time % 10 === 0)
        expect(await kindOf(service, names[time % 2] ?? '', client)).toBe('bad-credentials')
    }
    for (const name of names) {
      expect(await kindOf(service, name, client, PASSWORD)).toBe('too-many-attempts')
      expect(await kindOf(service, name, client)).toBe('bad-credentials')
    }
    expect(await service.listSessions((await registered(service)).caller, FIRST_PAGE)).toHaveLength(
      1,
    )
  })

  test('confirm in one session thirty times a minute [SE15]', async () => {
    const service = await givenUseCases(database)
    const { caller, client } = await registered(service)
    for (let time = 0; time < 30; time += 1)
      granted(await service.reauthenticate(caller, PASSWORD, client))
    const refused = refusalOf(await service.reauthenticate(caller, PASSWORD, client))
    expect(refused.kind).toBe('too-many-attempts')
    await service.pass(60)
    granted(await service.reauthenticate(caller, PASSWORD, client))
  })

  test('leave at most fifty live sessions, and the one that was unused for longest ends [SE15]', async () => {
    const service = await givenUseCases(database, UNLIMITED)
    const person = await registered(service)
    await service.pass(1)
    const second = granted(await service.signIn(person.user.username, PASSWORD, person.client))
    await service.pass(1)
    granted(await service.refreshSession(person.tokens.refreshToken, person.client.addressPrefix))
    expect(await service.authenticate(second.tokens.accessToken)).not.toBeNull()
    for (let time = 0; time < 49; time += 1) {
      await service.pass(1)
      granted(await service.signIn(person.user.username, PASSWORD, newClient()))
    }
    expect(await service.authenticate(second.tokens.accessToken)).toBeNull()
    expect(await service.authenticate(person.tokens.accessToken)).not.toBeNull()
    expect(await service.listSessions(person.caller, FIRST_PAGE)).toHaveLength(50)
    const ended = (await service.auditOf(person.user.id)).filter(
      ({ action }) => action === 'session.ended',
    )
    expect(ended).toMatchObject([{ actorId: person.user.id, details: 'more than 50 sessions' }])
  })

  test('at the same time leave no more than fifty live sessions either [SE15]', async () => {
    const service = await givenUseCases(database, UNLIMITED)
    const person = await registered(service)
    await Promise.all(
      Array.from({ length: 80 }, () => service.signIn(person.user.username, PASSWORD, newClient())),
    )
    expect(await service.listSessions(person.caller, FIRST_PAGE)).toHaveLength(50)
  })
})

describe('a hundred failures in a row', () => {
  const givenHundred = async () => {
    const service = await givenUseCases(database, UNLIMITED)
    const person = await registered(service)
    for (let failure = 0; failure < 100; failure += 1)
      expect(await kindOf(service, person.user.username, newClient())).toBe('bad-credentials')
    return { service, person, username: person.user.username }
  }

  test('close the account to addresses it does not know, with the same refusal [BF6]', async () => {
    const { service, username } = await givenHundred()
    for (const guess of [PASSWORD, WRONG, PASSWORD])
      expect(await kindOf(service, username, newClient(), guess)).toBe('bad-credentials')
  })

  test('are cleared by a sign-in from an address that the account knows [BF6] [BF11]', async () => {
    const { service, person, username } = await givenHundred()
    expect(await kindOf(service, username, person.client, PASSWORD)).toBe('ok')
    expect(await kindOf(service, username, newClient(), PASSWORD)).toBe('ok')
  })

  test('do not close it to the owner who is signed in', async () => {
    const { service, person } = await givenHundred()
    granted(await service.reauthenticate(person.caller, PASSWORD, newClient()))
  })

  test('are cleared for one new address by a sign-in from it alone [BF6]', async () => {
    const service = await givenUseCases(database, UNLIMITED)
    const { user } = await registered(service)
    const client = newClient()
    for (let failure = 0; failure < 60; failure += 1) await kindOf(service, user.username, client)
    const stranger = newClient()
    for (let failure = 0; failure < 39; failure += 1) await kindOf(service, user.username, stranger)
    expect(await kindOf(service, user.username, client, PASSWORD)).toBe('ok')
    for (let failure = 0; failure < 61; failure += 1) await kindOf(service, user.username, stranger)
    expect(await kindOf(service, user.username, newClient(), PASSWORD)).toBe('bad-credentials')
  })

  test('are not bypassed by right guesses that run in parallel with the hundredth [BF6]', async () => {
    const service = await givenUseCases(database, UNLIMITED)
    const { user } = await registered(service)
    for (let failure = 0; failure < 99; failure += 1)
      await kindOf(service, user.username, newClient())
    service.passwords.beforeNextAnswer(() => kindOf(service, user.username, newClient()))
    expect(await kindOf(service, user.username, newClient(), PASSWORD)).toBe('bad-credentials')
  })
})
