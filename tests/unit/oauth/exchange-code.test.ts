import { describe, expect, test } from 'bun:test'
import type { Email } from '../../../src/domain/accounts/email.ts'
import { fail } from '../../../src/domain/shared/result.ts'
import { Unavailable } from '../../../src/domain/shared/unavailable.ts'
import type { Stores } from '../../../src/ports/driven/transact.ts'
import { granted } from '../../support/builders/accounts/registered-users.ts'
import { givenDatabase } from '../../support/builders/database/given-database.ts'
import {
  CLIENT,
  GOOGLE,
  givenSignIns,
  newcomer,
} from '../../support/builders/oauth/given-sign-ins.ts'
import { FIRST_PAGE } from '../../support/builders/sessions/given-sessions.ts'

const database = await givenDatabase()

const INVALID_GRANT = fail({ kind: 'invalid-grant' as const })

const signedInBy = async (given: Awaited<ReturnType<typeof givenSignIns>>, code: string) => {
  const exchanged = granted(await given.exchange(code))
  if (exchanged.kind !== 'signed-in') throw new Error('it was a link')
  return exchanged.signedIn
}

test('a sign-in whose identity is linked by another one while it looks for the owner is of the same person [OA5]', async () => {
  let isBeforeTheOther = false
  const reading = (stores: Stores): Stores => ({
    ...stores,
    identities: {
      ...stores.identities,
      ownerOf: async (provider, subject) => {
        const isFirst = isBeforeTheOther
        isBeforeTheOther = false
        return isFirst ? null : stores.identities.ownerOf(provider, subject)
      },
    },
  })
  const email = 'at.once@gmail.com' as Email
  const person = newcomer({ email, emailProof: 'authoritative' })
  const given = await givenSignIns(database, person, undefined, reading)
  const other = await signedInBy(given, await given.reachCode())
  isBeforeTheOther = true
  expect((await signedInBy(given, await given.reachCode())).user.id).toBe(other.user.id)
})

describe('a one-time code', () => {
  test('is valid at 299 seconds and not at 301 [OA7]', async () => {
    const given = await givenSignIns(database)
    const [early, late] = [await given.reachCode(), await given.reachCode()]
    await given.pass(299)
    expect((await given.exchange(early)).ok).toBe(true)
    await given.pass(2)
    expect(await given.exchange(late)).toEqual(INVALID_GRANT)
  })

  test('leaves at most fifty live sessions of its person [SE15]', async () => {
    const given = await givenSignIns(database)
    let tokens = (await signedInBy(given, await given.reachCode())).tokens
    for (let time = 0; time < 50; time += 1)
      tokens = (await signedInBy(given, await given.reachCode())).tokens
    const caller = await given.useCases.authenticate(tokens.accessToken)
    expect(caller && (await given.useCases.listSessions(caller, FIRST_PAGE))).toHaveLength(50)
  })

  test('presented again within ten seconds is only refused: somebody clicked twice [OA6]', async () => {
    const given = await givenSignIns(database)
    const code = await given.reachCode()
    const { tokens } = await signedInBy(given, code)
    await given.pass(9)
    expect(await given.exchange(code)).toEqual(INVALID_GRANT)
    expect(await given.useCases.authenticate(tokens.accessToken)).not.toBeNull()
  })

  test('presented again later ends the session that it began, recorded [OA6]', async () => {
    const given = await givenSignIns(database)
    const code = await given.reachCode()
    const { user, tokens } = await signedInBy(given, code)
    await given.pass(11)
    expect(await given.exchange(code)).toEqual(INVALID_GRANT)
    expect(await given.useCases.authenticate(tokens.accessToken)).toBeNull()
    expect(await given.useCases.auditOf(user.id)).toContainEqual(
      expect.objectContaining({
        action: 'security.code_replay',
        result: 'refused',
        actorId: null,
        addressPrefix: CLIENT.addressPrefix,
      }),
    )
  })

  test('ends no other session of the same person when it is presented again [OA6]', async () => {
    const given = await givenSignIns(database)
    const code = await given.reachCode()
    await signedInBy(given, code)
    const other = await signedInBy(given, await given.reachCode())
    await given.pass(11)
    await given.exchange(code)
    expect(await given.useCases.authenticate(other.tokens.accessToken)).not.toBeNull()
  })

  test('that an old copy of its store gives out again begins no second session [OA6]', async () => {
    const given = await givenSignIns(database, newcomer(), (codes) => {
      const grants = new Map<string, Awaited<ReturnType<typeof codes.exchangeCode>>>()
      return {
        ...codes,
        exchangeCode: async (code, state) => {
          grants.set(code, grants.get(code) ?? (await codes.exchangeCode(code, state)))
          return grants.get(code) ?? null
        },
      }
    })
    const code = await given.reachCode()
    const { user } = await signedInBy(given, code)
    expect(await given.exchange(code)).toEqual(INVALID_GRANT)
    const audit = await given.useCases.auditOf(user.id)
    expect(audit.map(({ action }) => action)).toEqual([
      'user.registered',
      'sign-in.succeeded',
      'sign-in.failed',
    ])
  })

  test('of a user who was deleted meanwhile opens no session', async () => {
    const given = await givenSignIns(database)
    const { user } = await signedInBy(given, await given.reachCode())
    const code = await given.reachCode()
    const announcement = { eventId: user.id as never, traceparent: null }
    granted(await given.useCases.stores.users.remove(user, announcement))
    expect(await given.exchange(code)).toEqual(INVALID_GRANT)
  })

  test('cannot be issued or exchanged while its store is unavailable, and no session is opened', async () => {
    let isAway = false
    const given = await givenSignIns(database, newcomer(), (codes) => ({
      ...codes,
      exchangeCode: async (code, state) => {
        if (isAway) throw new Unavailable('redis is not available')
        return codes.exchangeCode(code, state)
      },
    }))
    const code = await given.reachCode()
    isAway = true
    await expect(given.exchange(code)).rejects.toBeInstanceOf(Unavailable)
    isAway = false
    expect((await given.exchange(code)).ok).toBe(true)
  })
})

describe('a provider that is switched off', () => {
  test('before the browser comes back leads to a refusal, and no account is created [OA24]', async () => {
    const given = await givenSignIns(database)
    const { response, browser } = await given.start()
    given.providers.clear()
    const answer = await given.useCases.finishOAuth(GOOGLE, response, browser)
    expect(answer).toEqual(fail({ kind: 'invalid-oauth-state', returnTo: null }))
    expect(given.useCases.measurements.count('providerReturn unknown invalid-oauth-state')).toBe(1)
  })

  test('before the sign-in starts gets the answer of an unknown provider [OA24]', async () => {
    const given = await givenSignIns(database)
    given.providers.clear()
    const started = given.useCases.startOAuth(
      GOOGLE,
      { redirectUri: '', state: '', codeChallenge: '' },
      CLIENT.addressPrefix,
    )
    expect(await started).toEqual(fail({ kind: 'unknown-provider' }))
    expect(given.useCases.listProviders()).toEqual([])
  })
})

describe('a sign-in through a provider', () => {
  test('that takes longer than ten minutes has to be started again [OA1]', async () => {
    const given = await givenSignIns(database)
    const { response, browser } = await given.start()
    await given.pass(601)
    const answer = await given.useCases.finishOAuth(GOOGLE, response, browser)
    expect(answer).toEqual(fail({ kind: 'invalid-oauth-state', returnTo: null }))
  })

  test('is audited with the account, the sign-in and the provider', async () => {
    const given = await givenSignIns(database)
    const { user } = await signedInBy(given, await given.reachCode())
    expect(await given.useCases.auditOf(user.id)).toMatchObject([
      { action: 'user.registered', result: 'ok', details: 'through google' },
      {
        action: 'sign-in.succeeded',
        result: 'ok',
        details: 'through google',
        actorId: user.id,
        addressPrefix: CLIENT.addressPrefix,
      },
    ])
  })

  test('makes its address a known address of the account', async () => {
    const given = await givenSignIns(database)
    const { user } = await signedInBy(given, await given.reachCode())
    const record = await given.useCases.stores.credentials.forSignIn(
      { kind: 'username', canonical: user.username as never },
      CLIENT.addressPrefix,
      given.useCases.clock(),
    )
    expect(record).toMatchObject({ passwordHash: null, knownPrefix: true })
  })
})
