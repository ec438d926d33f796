import { afterAll, afterEach, beforeAll, describe, expect, setSystemTime, test } from 'bun:test'
import { PASSWORD } from '../../support/builders/accounts/given-users.ts'
import type { GivenOAuth, Person } from '../../support/builders/oauth/given-oauth.ts'
import {
  freshName,
  givenOAuth,
  problemOf,
  somebody,
} from '../../support/builders/oauth/given-oauth.ts'
import { FOREIGN_DOMAINS } from '../../support/builders/oauth/google-domains.ts'
import { answerIn } from '../../support/builders/oauth/oauth-client.ts'
import { jsonInit } from '../../support/builders/service/composed-service.ts'

type Provider = 'google' | 'facebook' | 'line'

let given: GivenOAuth
beforeAll(async () => {
  given = await givenOAuth()
}, 60_000)
afterEach(() => setSystemTime())
afterAll(() => given.end())

const outcome = async (provider: Provider, person: Person) => {
  const sent = await given.start(provider)
  const back = await given.returnFromProvider(sent, person)
  const error = answerIn(back).get('error')
  if (error !== null) return { error }
  const answer = await given.exchange(sent, given.codeFrom(back))
  return JSON.parse(await answer.text())
}

describe('somebody without an address', () => {
  test.each(['google', 'facebook', 'line'] as const)(
    'from %s gets an account without an address, and so does the next person [OA18]',
    async (provider) => {
      for (const person of [somebody(), somebody()]) {
        const { user, created } = await given.signIn(provider, person)
        expect([created, user.email, user.emailVerified]).toEqual([true, null, false])
        expect(user.username).toMatch(/^user-[a-z]{10}$/)
      }
    },
  )

  test('gets an account without an address when the provider sends a malformed one [OA18]', async () => {
    const sent = await given.start('line')
    given.fake.misbehave('line', { claims: { email: 'not an address' } })
    const back = await given.returnFromProvider(sent, somebody())
    given.fake.misbehave('line', {})
    const { user } = JSON.parse(await (await given.exchange(sent, given.codeFrom(back))).text())
    expect(user.email).toBeNull()
  })
})

describe('an address that the provider vouches for', () => {
  test('of an account that somebody registered first without proof leads to link_required [OA19]', async () => {
    const attacker = await given.register({ domain: 'gmail.com' })
    const victim = somebody({ email: attacker.email, verified: true })
    const before = await given.count('users')
    expect(await outcome('google', victim)).toEqual({ error: 'link_required' })
    expect(await given.count('users')).toBe(before)
    expect(await given.eventsOf(attacker.id)).toEqual(['created 1'])
  })

  test.each([
    ['gmail.com', undefined],
    ['company.example', 'company.example'],
  ])(
    'and gives out (%s) joins the account that has proved it [OA19]',
    async (domain, organisation) => {
      const owner = await given.register({ domain, verified: true })
      const person = somebody({
        email: owner.email,
        verified: true,
        ...(organisation === undefined ? {} : { organisation }),
      })
      const joined = await outcome('google', person)
      expect([joined.created, joined.user.id]).toEqual([false, owner.id])
      expect(await given.eventsOf(owner.id)).toEqual(['created 1', 'updated 2', 'updated 3'])
      expect((await outcome('google', person)).user.version).toBe(3)
    },
  )

  test('joins nothing before the exchange [OA22]', async () => {
    const owner = await given.register({ domain: 'gmail.com', verified: true })
    const before = await given.count('identities')
    const person = somebody({ email: owner.email, verified: true })
    const { sent, code } = await given.reachCode('google', person)
    expect(await given.count('identities')).toBe(before)
    await given.service.change(owner.id, { isActive: false })
    expect(await problemOf(await given.exchange(sent, code))).toEqual([401, 'bad-credentials'])
    expect(await given.count('identities')).toBe(before)
  })

  test('joins nothing when the account has changed before the exchange [OA22]', async () => {
    const owner = await given.register({ domain: 'gmail.com', verified: true })
    const person = somebody({ email: owner.email, verified: true })
    const { sent, code } = await given.reachCode('google', person)
    await given.service.change(owner.id, { emailVerified: false })
    expect(await problemOf(await given.exchange(sent, code))).toEqual([400, 'invalid-grant'])
    expect(await outcome('google', person)).toEqual({ error: 'link_required' })
  })

  test('but of another host joins nothing, though it was proved here [OA21]', async () => {
    const owner = await given.register({ domain: 'elsewhere.example', verified: true })
    const person = somebody({ email: owner.email, verified: true })
    expect(await outcome('google', person)).toEqual({ error: 'link_required' })
  })

  test.each(FOREIGN_DOMAINS)(
    'of %s in an organisation with the domain %j joins nothing [OA29]',
    async (domain, hd) => {
      const owner = await given.register({ domain, verified: true })
      const sent = await given.start('google')
      given.fake.misbehave('google', { claims: { hd } })
      const person = somebody({ email: owner.email, verified: true })
      const back = await given.returnFromProvider(sent, person)
      given.fake.misbehave('google', {})
      expect(answerIn(back).get('error')).toBe('link_required')
    },
  )

  test('counts in every spelling of its domain and of the domain of the organisation [OA29]', async () => {
    const owner = await given.register({ domain: 'xn--mnchen-3ya.example', verified: true })
    const person = somebody({
      email: owner.email.replace('xn--mnchen-3ya.example', 'MÜNCHEN.example'),
      verified: true,
      organisation: 'München.Example',
    })
    expect((await outcome('google', person)).user.id).toBe(owner.id)
  })

  test('joins no account that already has another identity at that provider [OA21]', async () => {
    const owner = await given.register({ domain: 'gmail.com', verified: true })
    await outcome('google', somebody({ email: owner.email, verified: true }))
    const other = somebody({ email: owner.email, verified: true })
    expect(await outcome('google', other)).toEqual({ error: 'link_required' })
  })

  test.each([
    ['gmail.com', undefined, true],
    ['company.example', 'company.example', true],
    ['elsewhere.example', undefined, false],
    ['elsewhere.example', 'company.example', false],
  ])(
    'and is free is stored, and counts as verified only if the provider gives it out: %s [OA21, OA29]',
    async (domain, organisation, proved) => {
      const email = `${freshName()}@${domain}`
      const person = somebody({
        email,
        verified: true,
        ...(organisation === undefined ? {} : { organisation }),
      })
      expect((await outcome('google', person)).user).toMatchObject({ email, emailVerified: proved })
    },
  )
})

describe('an address that the provider does not vouch for', () => {
  test.each(['google', 'facebook', 'line'] as const)(
    'from %s is stored as unverified when free, and left out when taken [OA20]',
    async (provider) => {
      const email = `${freshName()}@gmail.com`
      const first = await outcome(provider, somebody({ email }))
      expect(first.user).toMatchObject({ email, emailVerified: false })
      const second = await outcome(provider, somebody({ email }))
      expect([second.created, second.user.email]).toEqual([true, null])
      expect(second.user.id).not.toBe(first.user.id)
    },
  )

  test.each([
    ['google', { email_verified: 'true' }],
    ['google', { email_verified: 1 }],
    ['google', { email_verified: undefined }],
    ['line', { email_verified: true }],
    ['line', { email_verified: true, hd: 'gmail.com' }],
  ] as const)(
    'joins nothing from %s, whatever else it claims: %p [OA20]',
    async (provider, claims) => {
      const owner = await given.register({ domain: 'gmail.com', verified: true })
      const sent = await given.start(provider)
      given.fake.misbehave(provider, { claims })
      const back = await given.returnFromProvider(
        sent,
        somebody({ email: owner.email, verified: true }),
      )
      given.fake.misbehave(provider, {})
      const { user, created } = JSON.parse(
        await (await given.exchange(sent, given.codeFrom(back))).text(),
      )
      expect([created, user.email]).toEqual([true, null])
      expect(user.id).not.toBe(owner.id)
    },
  )

  test('joins nothing from Facebook, whatever its Graph claims [OA20]', async () => {
    const owner = await given.register({ domain: 'gmail.com', verified: true })
    const sent = await given.start('facebook')
    given.fake.misbehave('facebook', { profile: { verified: true, email_verified: true } })
    const back = await given.returnFromProvider(sent, somebody({ email: owner.email }))
    given.fake.misbehave('facebook', {})
    const { user } = JSON.parse(await (await given.exchange(sent, given.codeFrom(back))).text())
    expect([user.email, user.id === owner.id]).toEqual([null, false])
  })
})

describe('a name that the provider gives', () => {
  test.each([
    ['google', 'claims', 'Ann\u202e Lee\u200b', 'Ann Lee'],
    ['google', 'claims', 'n'.repeat(150), 'n'.repeat(100)],
    ['line', 'claims', '\ufeffعلی\u200cرضا\u200f', 'علی\u200cرضا'],
    ['line', 'claims', '👩🏽\u200d🚀\u200d', '👩🏽\u200d🚀'],
    ['facebook', 'profile', 'Ann\nLee\u0000', 'Ann Lee'],
  ] as const)(
    'from %s is mended in the account and in the event [RG15]',
    async (provider, source, name, expected) => {
      const sent = await given.start(provider)
      given.fake.misbehave(provider, { [source]: { name } })
      const back = await given.returnFromProvider(sent, somebody())
      given.fake.misbehave(provider, {})
      const answer = await given.exchange(sent, given.codeFrom(back))
      const { user } = JSON.parse(await answer.text())
      expect(user.displayName).toBe(expected)
      const { rows } = await given.service.database.query(
        'select * from outbox_events where user_id = $1',
        [user.id],
      )
      expect(JSON.stringify(rows)).toContain(JSON.stringify(expected))
    },
  )
})

describe('somebody who was deactivated', () => {
  test('gets the refusal of a wrong password, and no second account [OA24]', async () => {
    const person = somebody()
    const { user } = await given.signIn('line', person)
    await given.service.change(user.id, { isActive: false })
    const before = await given.count('users')
    const { sent, code } = await given.reachCode('line', person)
    const refused = await given.exchange(sent, code)
    const wrong = await given.service.ask(
      '/v1/auth/login',
      jsonInit('POST', { identifier: 'nobody', password: PASSWORD }),
    )
    const body = async (response: Response) => ({
      ...JSON.parse(await response.text()),
      traceId: 'another each time',
    })
    expect([refused.status, await body(refused)]).toEqual([wrong.status, await body(wrong)])
    expect(await given.count('users')).toBe(before)
  })
})

describe('an account without a password', () => {
  test('is closed to every password, and keeps no hash [PW8]', async () => {
    const { user } = await given.signIn('google', somebody())
    const attempt = (password: string) =>
      given.service.ask('/v1/auth/login', jsonInit('POST', { identifier: user.username, password }))
    for (const password of ['', PASSWORD, 'null'])
      expect(await problemOf(await attempt(password))).toEqual([401, 'bad-credentials'])
    const { rows } = await given.service.database.query<{ password_hash: string | null }>(
      'select password_hash from credentials where user_id = $1',
      [user.id],
    )
    expect(rows).toEqual([{ password_hash: null }])
  })

  test('sets none when the sign-in is six minutes old [PW8]', async () => {
    const { tokens } = await given.signIn('line', somebody())
    setSystemTime(new Date(Date.now() + 360_000))
    const change = jsonInit('POST', { newPassword: PASSWORD }, tokens.accessToken)
    const answer = await given.service.ask('/v1/users/me/password', change)
    expect(await problemOf(answer)).toEqual([403, 'recent-login-required'])
  })

  test('may set its first one right after a sign-in, and then signs in by it [PW8]', async () => {
    const { user, tokens } = await given.signIn('google', somebody())
    const bearer = tokens.accessToken
    const change = jsonInit('POST', { newPassword: PASSWORD }, bearer)
    expect((await given.service.ask('/v1/users/me/password', change)).status).toBe(204)
    const login = jsonInit('POST', { identifier: user.username, password: PASSWORD })
    expect((await given.service.ask('/v1/auth/login', login)).status).toBe(200)
    const again = await given.service.ask('/v1/users/me/password', change)
    expect(await problemOf(again)).toEqual([403, 'wrong-password'])
  })
})
