import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { GivenOAuth } from '../../support/builders/oauth/given-oauth.ts'
import { givenOAuth, problemOf, somebody } from '../../support/builders/oauth/given-oauth.ts'
import { answerIn } from '../../support/builders/oauth/oauth-client.ts'

const PROVIDERS = ['google', 'facebook', 'line'] as const

let given: GivenOAuth
beforeAll(async () => {
  given = await givenOAuth()
}, 60_000)
afterAll(() => given.end())

const ISSUERS = { google: 'GOOGLE_ISSUER_URL', line: 'LINE_ISSUER_URL' } as const
const INVALID_STATE = [400, 'invalid-oauth-state'] as const
const callback = (provider: string, query: Readonly<Record<string, string>>) =>
  `http://localhost:3000/v1/auth/oauth/${provider}/callback?${new URLSearchParams(query)}`

describe('a sign-in through a provider', () => {
  test.each(PROVIDERS)(
    'through %s makes an account, and finds it the next time',
    async (provider) => {
      const person = somebody()
      const first = await given.signIn(provider, person)
      expect(first).toMatchObject({
        created: true,
        user: { displayName: person.name, role: 'user' },
      })
      const again = await given.signIn(provider, person)
      expect([again.created, again.user]).toEqual([false, first.user])
      expect(await given.eventsOf(first.user.id)).toEqual(['created 1'])
    },
  )

  test.each(PROVIDERS)(
    'to %s starts with challenge, state, nonce and exactly the needed scope [OA4]',
    async (provider) => {
      const query = new URL((await given.start(provider)).location).searchParams
      const other = new URL((await given.start(provider)).location).searchParams
      expect(query.get('code_challenge')).toMatch(/^[\w-]{43}$/)
      expect(query.get('code_challenge_method')).toBe('S256')
      expect(query.get('response_type')).toBe('code')
      for (const secret of ['state', 'nonce', 'code_challenge']) {
        expect(query.get(secret)).toMatch(/^[\w-]{43}$/)
        expect(query.get(secret)).not.toBe(other.get(secret))
      }
      const scopes = {
        google: 'openid email profile',
        facebook: 'public_profile,email',
        line: 'openid profile email',
      }
      expect(query.get('scope')).toBe(scopes[provider])
    },
  )

  test('sends the provider a verifier of 43 to 128 characters, which is never logged [OA4]', async () => {
    given.fake.behave()
    await given.reachCode('google', somebody())
    const [{ form } = { form: new URLSearchParams() }] = given.fake.calls('google', 'token')
    expect(form.get('code_verifier')).toMatch(/^[A-Za-z0-9._~-]{43,128}$/)
  })
})

describe('a callback', () => {
  test.each([
    ['no state', (): Record<string, string> => ({ code: 'c' })],
    ['an unknown state', () => ({ code: 'c', state: 'x'.repeat(43) })],
    ['an empty state', () => ({ code: 'c', state: '' })],
  ])(
    'with %s is refused before the provider is called, and creates no user [OA1]',
    async (_, query) => {
      const { cookie } = await given.start('google')
      given.fake.behave()
      const before = await given.count('users')
      const response = await given.open(callback('google', query()), cookie)
      expect(await problemOf(response)).toEqual([...INVALID_STATE])
      expect(response.headers.get('location')).toBeNull()
      expect(given.fake.calls('google')).toEqual([])
      expect(await given.count('users')).toBe(before)
    },
  )

  test('with a state that was used is refused before the provider is asked [OA1]', async () => {
    const sent = await given.start('google')
    const back = await given.fake.decide(sent.location, somebody())
    expect((await given.open(back, sent.cookie)).status).toBe(303)
    given.fake.behave()
    expect(await problemOf(await given.open(back, sent.cookie))).toEqual([...INVALID_STATE])
    expect(given.fake.calls('google')).toEqual([])
  })

  test('with its state twice is refused [OA1]', async () => {
    const sent = await given.start('line')
    const back = await given.fake.decide(sent.location, somebody())
    const twice = `${back}&state=${new URL(back).searchParams.get('state')}`
    expect(await problemOf(await given.open(twice, sent.cookie))).toEqual([...INVALID_STATE])
  })

  test('in a browser that did not start the sign-in is refused, whatever cookie it has, and ends that sign-in [OA2]', async () => {
    for (const wrong of [null, 'oauth_tx=', `oauth_tx=${'a'.repeat(43)}`, 'other=1']) {
      const sent = await given.start('google')
      const back = await given.fake.decide(sent.location, somebody())
      expect(await problemOf(await given.open(back, wrong))).toEqual([...INVALID_STATE])
      expect(await problemOf(await given.open(back, sent.cookie))).toEqual([...INVALID_STATE])
    }
  })

  test('of a sign-in in another tab of the same browser is accepted too', async () => {
    const first = await given.start('google')
    const second = await given.start('line', { cookie: first.cookie })
    expect(second.cookie).toBe(first.cookie)
    expect((await given.returnFromProvider(first, somebody())).status).toBe(303)
    expect((await given.returnFromProvider(second, somebody())).status).toBe(303)
  })

  test('of another provider than the one that the browser was sent to is refused [OA3]', async () => {
    const sent = await given.start('google')
    const back = await given.fake.decide(sent.location, somebody())
    given.fake.behave()
    const diverted = back.replace('/google/', '/line/')
    expect(await problemOf(await given.open(diverted, sent.cookie))).toEqual([...INVALID_STATE])
    expect([...given.fake.calls('google'), ...given.fake.calls('line')]).toEqual([])
  })

  test.each([
    ['google', 'https://accounts.evil.test'],
    ['line', 'https://accounts.evil.test'],
    ['facebook', ''],
  ] as const)('of %s whose iss names another issuer is refused [OA3]', async (provider, iss) => {
    const sent = await given.start(provider)
    const back = new URL(await given.fake.decide(sent.location, somebody()))
    given.fake.behave()
    back.searchParams.set('iss', iss)
    const response = await given.open(back.href, sent.cookie)
    if (iss === '') return expect(response.status).toBe(303)
    expect(await problemOf(response)).toEqual([...INVALID_STATE])
    expect(given.fake.calls(provider, 'token')).toEqual([])
  })

  test('with neither code nor error whose iss names another issuer is refused [OA3]', async () => {
    const sent = await given.start('google')
    const query = { state: stateIn(sent.location), iss: 'https://accounts.evil.test' }
    const response = await given.open(callback('google', query), sent.cookie)
    expect(await problemOf(response)).toEqual([...INVALID_STATE])
  })

  test('that arrives twice at the same time makes one user, one identity and one code [OA5]', async () => {
    const before = [await given.count('users'), await given.count('identities')]
    const sent = await given.start('google')
    const back = await given.fake.decide(sent.location, somebody())
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => given.open(back, sent.cookie)),
    )
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(19)
    const after = [await given.count('users'), await given.count('identities')]
    expect(after).toEqual(before.map((n) => n + 1))
  })

  test("with a provider's code that was redeemed before makes no second user [OA5]", async () => {
    const person = somebody()
    const sent = await given.start('google')
    const back = new URL(await given.fake.decide(sent.location, person))
    await given.open(back.href, sent.cookie)
    const before = await given.count('users')
    const next = await given.start('google')
    back.searchParams.set('state', stateIn(next.location))
    const response = await given.open(back.href, next.cookie)
    expect(await problemOf(response)).toEqual([502, 'provider-failed'])
    expect(await given.count('users')).toBe(before)
  })

  test('of one new person in many browsers at once makes one user [OA5]', async () => {
    const before = await given.count('users')
    const person = somebody({ email: 'crowd@gmail.com', verified: true })
    const signIns = await Promise.all(
      Array.from({ length: 10 }, () => given.reachCode('google', person)),
    )
    const answers = await Promise.all(signIns.map(({ sent, code }) => given.exchange(sent, code)))
    const bodies = await Promise.all(answers.map(async (each) => JSON.parse(await each.text())))
    expect(new Set(bodies.map(({ user }) => user.id)).size).toBe(1)
    expect(bodies.filter(({ created }) => created)).toHaveLength(1)
    expect(await given.count('users')).toBe(before + 1)
  })
})

const stateIn = (location: string): string => new URL(location).searchParams.get('state') ?? ''

describe("a provider's error", () => {
  test.each([
    ['access_denied', 'access_denied'],
    ['ACCESS_DENIED', 'access_denied'],
    ['temporarily_unavailable', 'temporarily_unavailable'],
    ['interaction_required', 'server_error'],
    ['<script>alert(1)</script>', 'server_error'],
    ['x\r\nset-cookie: a=b', 'server_error'],
    ['link_required', 'server_error'],
    ['__proto__', 'server_error'],
    ['', 'server_error'],
  ])(
    '%p reaches the client as one of our problems, without its text [OA12]',
    async (error, mapped) => {
      const sent = await given.start('google', { state: 'client-state' })
      const query = { error, error_description: 'hostile words', state: stateIn(sent.location) }
      const response = await given.open(callback('google', query), sent.cookie)
      expect(response.status).toBe(303)
      expect([...answerIn(response)]).toEqual([
        ['error', mapped],
        ['state', 'client-state'],
      ])
      expect(response.headers.get('location')).toStartWith(sent.redirectUri)
    },
  )

  test.each([
    ['google', 'https://accounts.evil.test'],
    ['line', 'https://accounts.evil.test'],
    ['facebook', 'https://accounts.evil.test'],
    ['google', 'https://accounts.evil.test https://accounts.google.com'],
  ] as const)('of %s whose iss names %s is refused [OA3]', async (provider, iss) => {
    const sent = await given.start(provider)
    const query = { error: 'access_denied', state: stateIn(sent.location), iss }
    const response = await given.open(callback(provider, query), sent.cookie)
    expect(response.headers.get('location')).toBeNull()
    expect(await problemOf(response)).toEqual([...INVALID_STATE])
  })

  test('whose iss names its own provider reaches the client [OA3]', async () => {
    for (const provider of ['google', 'line'] as const) {
      const sent = await given.start(provider)
      const iss = given.fake.settings[ISSUERS[provider]] ?? ''
      const query = { error: 'access_denied', state: stateIn(sent.location), iss }
      const response = await given.open(callback(provider, query), sent.cookie)
      expect(answerIn(response).get('error')).toBe('access_denied')
    }
  })

  test('of somebody who declines brings them back without an account [OA12]', async () => {
    for (const provider of PROVIDERS) {
      const before = await given.count('users')
      const sent = await given.start(provider)
      expect(answerIn(await given.returnFromProvider(sent, 'deny')).get('error')).toBe(
        'access_denied',
      )
      expect(await given.count('users')).toBe(before)
    }
  })
})
