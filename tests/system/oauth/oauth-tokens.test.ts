import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createHmac } from 'node:crypto'
import type { Misbehaviour } from '../../../examples/fake-providers/misbehaviour.ts'
import type { GivenOAuth } from '../../support/builders/oauth/given-oauth.ts'
import { givenOAuth, problemOf, somebody } from '../../support/builders/oauth/given-oauth.ts'

type Provider = 'google' | 'facebook' | 'line'

let given: GivenOAuth
beforeAll(async () => {
  given = await givenOAuth()
}, 60_000)
afterAll(() => given.end())

/** The outcome for a new person while the provider sends a wrong id_token. */
const arriveUnder = async (provider: Provider, misbehaviour: Misbehaviour) => {
  const before = await given.count('users')
  const sent = await given.start(provider)
  given.fake.misbehave(provider, misbehaviour)
  const response = await given.returnFromProvider(sent, somebody())
  given.fake.misbehave(provider, {})
  return { response, made: (await given.count('users')) - before }
}

const now = () => Math.floor(Date.now() / 1000)

const WRONG: readonly (readonly [string, () => Misbehaviour])[] = [
  ['by another key under the right id', () => ({ signature: 'another-key' })],
  ['that is unsigned', () => ({ signature: 'none' })],
  ['by the text of the public key', () => ({ signature: 'hs256-public-key' })],
  ['by ES256 with a key that is published', () => ({ signature: 'es256' })],
  ['by ES256 with a key that nobody knows', () => ({ signature: 'es256-unknown' })],
  ['that is missing', () => ({ token: { id_token: undefined } })],
  ['that is a number', () => ({ token: { id_token: 7 } })],
  ['that is no token', () => ({ token: { id_token: 'a.b.c' } })],
  ['for somebody else', () => ({ claims: { aud: 'another-client' } })],
  ['for somebody else too', () => ({ claims: { aud: ['another-client', 'third'] } })],
  ['for nobody', () => ({ claims: { aud: undefined } })],
  ['with another party', () => ({ claims: { azp: 'another-client' } })],
  ['from somebody else', () => ({ claims: { iss: 'https://accounts.evil.test' } })],
  ['from nobody', () => ({ claims: { iss: undefined } })],
  ['that is expired', () => ({ claims: { exp: now() - 60 } })],
  ['without an end', () => ({ claims: { exp: undefined } })],
  ['whose end is text', () => ({ claims: { exp: 'never' } })],
  ['from the future', () => ({ claims: { iat: now() + 3600 } })],
  ['from long ago', () => ({ claims: { iat: now() - 86_400 } })],
  ['without a nonce', () => ({ claims: { nonce: undefined } })],
  ['with another nonce', () => ({ claims: { nonce: 'n'.repeat(43) } })],
  ['about nobody', () => ({ claims: { sub: undefined } })],
  ['about null', () => ({ claims: { sub: null } })],
  ['about nothing', () => ({ claims: { sub: '' } })],
  ['about a number', () => ({ claims: { sub: 12_345 } })],
  ['about a list', () => ({ claims: { sub: ['1'] } })],
  ['about a name that is too long', () => ({ claims: { sub: '1'.repeat(256) } })],
  ['with a critical extension', () => ({ header: { crit: ['x'], x: 1 } })],
]

describe("an id_token of Google's", () => {
  test.each(WRONG)('%s lets nobody in [OA15]', async (_, misbehaviour) => {
    const { response, made } = await arriveUnder('google', misbehaviour())
    expect(await problemOf(response)).toEqual([400, 'invalid-id-token'])
    expect(made).toBe(0)
  })

  test("by HS256 with the client's secret is refused, although LINE's is accepted [OA16]", async () => {
    const { response, made } = await arriveUnder('google', { signature: 'hs256-secret' })
    expect(await problemOf(response)).toEqual([400, 'invalid-id-token'])
    expect(made).toBe(0)
  })

  test.each([{ aud: ['fake-google', 'other'], azp: 'fake-google' }, { azp: 'fake-google' }])(
    'with several audiences and this client as authorized party is accepted: %p',
    async (claims) => {
      const { response, made } = await arriveUnder('google', { claims })
      expect([response.status, made]).toEqual([303, 1])
    },
  )
})

describe("an id_token of LINE's", () => {
  test('by HS256 with the channel secret is accepted [OA16]', async () => {
    const { response, made } = await arriveUnder('line', { signature: 'hs256-secret' })
    expect([response.status, made]).toEqual([303, 1])
  })

  test.each([
    ...WRONG.filter(([, misbehaviour]) => misbehaviour().signature === undefined),
    ['by another secret', () => ({ signature: 'another-key' })],
    ['that is unsigned', () => ({ signature: 'none' })],
    ['by ES256 with the published key of its SDK', () => ({ signature: 'es256' })],
    ['by ES256 with a key that nobody knows', () => ({ signature: 'es256-unknown' })],
  ] as typeof WRONG)('%s lets nobody in either [OA15, OA16]', async (_, misbehaviour) => {
    const { response, made } = await arriveUnder('line', misbehaviour())
    expect(await problemOf(response)).toEqual([400, 'invalid-id-token'])
    expect(made).toBe(0)
  })
})

describe("Google's keys", () => {
  test('are fetched once for an unknown key id, and then not again for a while [OA17]', async () => {
    const own = await givenOAuth()
    try {
      await own.signIn('google', somebody())
      await own.signIn('google', somebody())
      expect(own.fake.calls('google', 'keys')).toHaveLength(1)
      own.fake.misbehave('google', { header: { kid: 'unknown' } })
      for (let attempt = 1; attempt <= 4; attempt += 1) {
        const sent = await own.start('google')
        expect((await own.returnFromProvider(sent, somebody())).status).toBe(400)
      }
      expect(own.fake.calls('google', 'keys').length).toBeLessThanOrEqual(2)
      own.fake.misbehave('google', {})
      expect((await own.signIn('google', somebody())).created).toBe(true)
    } finally {
      await own.end()
    }
  }, 30_000)

  test('that are cached still verify while new ones cannot be fetched [OA17]', async () => {
    await given.signIn('google', somebody())
    given.fake.misbehave('google', {
      faults: { keys: { kind: 'closed' }, discovery: { kind: 'closed' } },
    })
    expect((await given.signIn('google', somebody())).created).toBe(true)
    given.fake.misbehave('google', {})
  })
})

describe('calls to Facebook', () => {
  test('carry the appsecret_proof, and no token in the URL [OA26]', async () => {
    given.fake.behave()
    await given.signIn('facebook', somebody())
    const [call] = given.fake.calls('facebook', 'profile')
    const token = call?.headers.get('authorization')?.replace('Bearer ', '') ?? ''
    const { FACEBOOK_APP_SECRET = '' } = given.fake.settings
    const proof = createHmac('sha256', FACEBOOK_APP_SECRET).update(token).digest('hex')
    expect(call?.query.get('appsecret_proof')).toBe(proof)
    expect([...(call?.query.keys() ?? [])]).not.toContain('access_token')
  })

  test.each([{ id: 123 }, { id: null }, { id: '' }, { id: undefined }])(
    'whose answer names no user open no session: %p [OA15]',
    async (profile) => {
      const { response, made } = await arriveUnder('facebook', { profile })
      expect(await problemOf(response)).toEqual([502, 'provider-failed'])
      expect(made).toBe(0)
      await given.signIn('facebook', somebody())
    },
  )

  test.each(['accessToken', 'access_token', 'provider_token', 'idToken'])(
    "are never made with a client's own token: %s [OA26]",
    async (field) => {
      const { sent, code } = await given.reachCode('facebook', somebody())
      const answer = await given.exchange(sent, code, { [field]: 'a-token-of-my-own' })
      expect(await problemOf(answer)).toEqual([422, 'invalid-request'])
    },
  )
})

describe('a picture', () => {
  test.each([
    'http://169.254.169.254/latest/meta-data',
    'https://169.254.169.254/latest/meta-data',
    'file:///etc/passwd',
    'javascript:alert(1)',
    `https://lh3.googleusercontent.com/${'a'.repeat(10_000)}`,
    'https://pictures.evil.test/a.png',
    'https://lh3.googleusercontent.com.evil.test/a.png',
    'https://user@lh3.googleusercontent.com/a.png',
    'https://lh3.googleusercontent.com:8443/a.png',
    7,
  ])('that is not on a host of the provider is left out: %p [OA27]', async (picture) => {
    const sent = await given.start('google')
    given.fake.misbehave('google', { claims: { picture } })
    const back = await given.returnFromProvider(sent, somebody())
    given.fake.misbehave('google', {})
    const { user } = JSON.parse(await (await given.exchange(sent, given.codeFrom(back))).text())
    expect(user.avatar).toBeNull()
  })

  test('is passed on, and not fetched [OA27]', async () => {
    const { user } = await given.signIn('google', somebody())
    expect(user.avatar).toStartWith('https://lh3.googleusercontent.com/')
  })
})
