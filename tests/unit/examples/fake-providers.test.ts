import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { createHash, createHmac } from 'node:crypto'
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import type { Signature } from '../../../examples/fake-providers/misbehaviour.ts'
import type { ProviderName } from '../../../examples/fake-providers/names.ts'
import type { Person } from '../../../examples/fake-providers/people.ts'
import type { FakeProviders } from '../../../examples/fake-providers/start-fake-providers.ts'
import { startFakeProviders } from '../../../examples/fake-providers/start-fake-providers.ts'
import type { Answer } from '../../support/builders/http/given-http.ts'

const CALLBACK = 'http://localhost:3000/callback'
const VERIFIER = 'v'.repeat(43)
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url')
const ADA: Person = { name: 'Ada', email: 'ada@gmail.com', verified: true }

const PATHS = {
  google: { authorize: '/o/oauth2/v2/auth', token: '/token', scope: 'openid email profile' },
  facebook: {
    authorize: '/v23.0/dialog/oauth',
    token: '/v23.0/oauth/access_token',
    scope: 'email,public_profile',
  },
  line: {
    authorize: '/oauth2/v2.1/authorize',
    token: '/oauth2/v2.1/token',
    scope: 'openid profile email',
  },
} as const

let fake: FakeProviders
beforeAll(async () => {
  fake = await startFakeProviders()
})
afterAll(() => fake.close())
afterEach(() => fake.behave())

const registrationOf = (provider: ProviderName) => {
  const [id = '', secret = ''] = Object.entries(fake.settings)
    .filter(([name]) => new RegExp(`^${provider}.*_(ID|SECRET)$`, 'i').test(name))
    .map(([, value]) => value)
  return { id, secret }
}

const authorizationUrl = (provider: ProviderName, changes: Record<string, string> = {}) =>
  `${fake.url}/${provider}${PATHS[provider].authorize}?${new URLSearchParams({
    client_id: registrationOf(provider).id,
    redirect_uri: CALLBACK,
    response_type: 'code',
    scope: PATHS[provider].scope,
    state: 'our state',
    nonce: 'our nonce',
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
    ...changes,
  })}`

const codeOf = async (provider: ProviderName, person: Person): Promise<string> =>
  new URL(await fake.decide(authorizationUrl(provider), person)).searchParams.get('code') ?? ''

const redeem = (provider: ProviderName, code: string, changes: Record<string, string> = {}) => {
  const { id, secret } = registrationOf(provider)
  return fetch(`${fake.url}/${provider}${PATHS[provider].token}`, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri: CALLBACK,
      client_id: id,
      client_secret: secret,
      code_verifier: VERIFIER,
      ...changes,
    }),
  })
}

const bodyOf = async (answer: Response | Promise<Response>): Promise<Answer['body']> =>
  JSON.parse(await (await answer).text())

type Tokens = { readonly access_token: string; readonly id_token: string }
const tokensOf = async (provider: ProviderName, person = ADA): Promise<Tokens> =>
  bodyOf(redeem(provider, await codeOf(provider, person)))

const keysOf = async (provider: 'google' | 'line') => {
  const metadata = await bodyOf(fetch(`${fake.url}/${provider}/.well-known/openid-configuration`))
  return createLocalJWKSet(await bodyOf(fetch(metadata.jwks_uri)))
}

describe('the fake Google', () => {
  test('signs an id_token with RS256 by a key that it publishes', async () => {
    const { id_token: token } = await tokensOf('google', { ...ADA, organisation: 'example.org' })
    const { payload } = await jwtVerify(token, await keysOf('google'), {
      algorithms: ['RS256'],
      issuer: `${fake.url}/google`,
      audience: 'fake-google',
    })
    expect(payload).toMatchObject({
      azp: 'fake-google',
      nonce: 'our nonce',
      sub: expect.stringMatching(/^\d{21}$/),
      email: 'ada@gmail.com',
      email_verified: true,
      hd: 'example.org',
      name: 'Ada',
    })
  })

  test('names its issuer on the way back', async () => {
    const back = new URL(await fake.decide(authorizationUrl('google'), ADA))
    expect(back.searchParams.get('iss')).toBe(`${fake.url}/google`)
    expect(back.searchParams.get('state')).toBe('our state')
  })

  test('keeps an old key published beside a new one', async () => {
    const before = await tokensOf('google')
    fake.rotateKeys('google')
    const after = await tokensOf('google')
    const keys = await keysOf('google')
    await jwtVerify(before.id_token, keys)
    await jwtVerify(after.id_token, keys)
    expect(decodeProtectedHeader(after.id_token).kid).not.toBe(
      decodeProtectedHeader(before.id_token).kid,
    )
  })
})

describe('the fake LINE', () => {
  test('signs the id_token of the web sign-in with the channel secret, though discovery names ES256', async () => {
    const metadata = await bodyOf(fetch(`${fake.url}/line/.well-known/openid-configuration`))
    expect(metadata.id_token_signing_alg_values_supported).toEqual(['ES256'])
    const { id_token: token } = await tokensOf('line', { ...ADA, email: null })
    const secret = new TextEncoder().encode(registrationOf('line').secret)
    const { payload } = await jwtVerify(token, secret, { algorithms: ['HS256'] })
    expect(payload['sub']).toMatch(/^U[\da-f]{32}$/)
    expect(payload).not.toHaveProperty('email')
    expect(payload).not.toHaveProperty('email_verified')
  })

  test('checks an id_token for any caller', async () => {
    const { id_token: token } = await tokensOf('line')
    const verify = (idToken: string, clientId = 'fake-line') =>
      fetch(`${fake.url}/line/oauth2/v2.1/verify`, {
        method: 'POST',
        body: new URLSearchParams({ id_token: idToken, client_id: clientId, nonce: 'our nonce' }),
      })
    expect(await bodyOf(verify(token))).toMatchObject({ name: 'Ada' })
    expect((await verify(token, 'another channel')).status).toBe(400)
    expect((await verify(`${token.slice(0, -4)}AAAA`)).status).toBe(400)
  })
})

describe('the fake Facebook', () => {
  const me = (token: string, proof: string | null) =>
    fetch(
      `${fake.url}/facebook/v23.0/me?${new URLSearchParams({
        fields: 'id,name,email',
        access_token: token,
        ...(proof === null ? {} : { appsecret_proof: proof }),
      })}`,
    )
  const proofOf = (token: string) =>
    createHmac('sha256', registrationOf('facebook').secret).update(token).digest('hex')

  test('shows a user only to a caller that proves the app secret', async () => {
    const { access_token: token } = await tokensOf('facebook')
    expect(await bodyOf(me(token, proofOf(token)))).toEqual({
      id: expect.stringMatching(/^\d{17}$/),
      name: 'Ada',
      email: 'ada@gmail.com',
    })
    for (const proof of [null, '', proofOf('another token')])
      expect((await me(token, proof)).status).toBe(400)
  })

  test('has no address of a user who registered by telephone', async () => {
    const { access_token: token } = await tokensOf('facebook', { ...ADA, email: null })
    expect(await bodyOf(me(token, proofOf(token)))).not.toHaveProperty('email')
  })

  test('adds its fragment to the address of the callback', async () => {
    expect(await fake.decide(authorizationUrl('facebook'), ADA)).toEndWith('#_=_')
  })
})

describe.each(['google', 'facebook', 'line'] as const)('at the fake %s', (provider) => {
  test(`the same name is the same user, and another name another: ${provider}`, async () => {
    const subOf = async (name: string) => {
      const tokens = await tokensOf(provider, { ...ADA, name })
      if (provider !== 'facebook') return decodeJwt(tokens.id_token).sub
      const proof = createHmac('sha256', registrationOf('facebook').secret)
      const query = `access_token=${tokens.access_token}&appsecret_proof=${proof.update(tokens.access_token).digest('hex')}`
      return (await bodyOf(fetch(`${fake.url}/facebook/v23.0/me?${query}`))).id
    }
    const [first, again, other] = [await subOf('Ada'), await subOf('Ada'), await subOf('Bob')]
    expect(first).toBeString()
    expect(again).toBe(first)
    expect(other).not.toBe(first)
  })

  test(`a code works once, with the verifier, the secret and the address it was made for: ${provider}`, async () => {
    const attempt = async (changes: Record<string, string>) =>
      (await redeem(provider, await codeOf(provider, ADA), changes)).status
    expect(await attempt({})).toBe(200)
    for (const wrong of [
      { code_verifier: 'w'.repeat(43) },
      { code_verifier: '' },
      { client_secret: 'guessed' },
      { redirect_uri: `${CALLBACK}/` },
    ])
      expect([400, 401]).toContain(await attempt(wrong))
    const code = await codeOf(provider, ADA)
    expect((await redeem(provider, code)).status).toBe(200)
    expect((await redeem(provider, code)).status).toBe(400)
  })

  test(`no browser is sent to an address that is not registered: ${provider}`, async () => {
    const wrong = authorizationUrl(provider, { redirect_uri: 'https://evil.example/' })
    expect((await fetch(wrong, { redirect: 'manual' })).status).toBe(400)
    await expect(fake.decide(wrong, ADA)).rejects.toThrow('redirect_uri is not registered')
    const stranger = authorizationUrl(provider, { client_id: 'somebody' })
    await expect(fake.decide(stranger, ADA)).rejects.toThrow('client_id is not known here')
  })

  test(`a user who cancels returns with an error instead of a code: ${provider}`, async () => {
    const { searchParams } = new URL(await fake.decide(authorizationUrl(provider), 'deny'))
    expect(searchParams.get('error')).toBe('access_denied')
    expect(searchParams.get('state')).toBe('our state')
    expect(searchParams.has('code')).toBe(false)
  })

  test(`calls are remembered until it behaves again: ${provider}`, async () => {
    await tokensOf(provider)
    const [call] = fake.calls(provider, 'token')
    expect(call?.form.get('code_verifier')).toBe(VERIFIER)
    expect(fake.calls(provider, 'authorize')[0]?.query.get('nonce')).toBe('our nonce')
    fake.behave()
    expect(fake.calls(provider)).toEqual([])
  })
})

describe('misbehaviour', () => {
  const algorithmOf = async (provider: ProviderName, signature: Signature) => {
    fake.misbehave(provider, { signature })
    return decodeProtectedHeader((await tokensOf(provider)).id_token).alg
  }

  test('replaces claims, leaves some out, and ends with behave', async () => {
    fake.misbehave('google', { claims: { sub: 7, nonce: undefined, aud: 'somebody-else' } })
    const claims = decodeJwt((await tokensOf('google')).id_token)
    expect(claims).toMatchObject({ sub: 7, aud: 'somebody-else' })
    expect(claims).not.toHaveProperty('nonce')
    fake.behave()
    expect(decodeJwt((await tokensOf('google')).id_token).aud).toBe('fake-google')
  })

  test('about the signature shows in the token, and no published key fits it', async () => {
    expect(await algorithmOf('google', 'none')).toBe('none')
    expect(await algorithmOf('google', 'hs256-secret')).toBe('HS256')
    expect(await algorithmOf('google', 'hs256-public-key')).toBe('HS256')
    expect(await algorithmOf('line', 'es256')).toBe('ES256')
    fake.misbehave('google', { signature: 'another-key' })
    const { id_token: token } = await tokensOf('google')
    await expect(jwtVerify(token, await keysOf('google'))).rejects.toThrow(
      'signature verification failed',
    )
    fake.misbehave('line', { signature: 'es256-unknown' })
    const foreign = (await tokensOf('line')).id_token
    await expect(jwtVerify(foreign, await keysOf('line'))).rejects.toThrow('no applicable key')
  })

  test('about the way back replaces its parameters', async () => {
    fake.misbehave('google', {
      redirect: { code: undefined, error: '<script>', iss: 'https://evil' },
    })
    const { searchParams } = new URL(await fake.decide(authorizationUrl('google'), ADA))
    expect(Object.fromEntries(searchParams)).toMatchObject({
      error: '<script>',
      iss: 'https://evil',
    })
    expect(searchParams.has('code')).toBe(false)
  })

  const answered = (kind: 'status' | 'html' | 'cut-json' | 'huge' | 'redirect') => {
    const details = { status: 503, to: 'http://169.254.169.254/' }
    fake.misbehave('google', { faults: { token: { kind, ...details } } })
    return redeem('google', 'any')
  }

  test('about the answer can be a status, a page, half of it, 50 MB or another address', async () => {
    expect((await answered('status')).status).toBe(503)
    expect(await (await answered('html')).text()).toStartWith('<!doctype html>')
    await expect((await answered('cut-json')).json()).rejects.toThrow()
    const { padding } = await bodyOf(answered('huge'))
    expect(padding).toHaveLength(50_000_000)
    expect((await answered('redirect')).headers.get('location')).toBe('http://169.254.169.254/')
  })

  test.each(['silent', 'stalled'] as const)(
    'can be an answer that never ends: %s',
    async (kind) => {
      fake.misbehave('google', { faults: { keys: { kind } } })
      const asked = fetch(`${fake.url}/google/oauth2/v3/certs`, {
        signal: AbortSignal.timeout(150),
      })
      await expect(asked.then((answer) => answer.text())).rejects.toThrow('timed out')
    },
  )

  test('can be a connection that ends without an answer', async () => {
    fake.misbehave('google', { faults: { discovery: { kind: 'closed' } } })
    await expect(fetch(`${fake.url}/google/.well-known/openid-configuration`)).rejects.toThrow()
  })
})
