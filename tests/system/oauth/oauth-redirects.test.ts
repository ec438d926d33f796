import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { GivenOAuth } from '../../support/builders/oauth/given-oauth.ts'
import { givenOAuth, problemOf, somebody } from '../../support/builders/oauth/given-oauth.ts'
import { answerIn } from '../../support/builders/oauth/oauth-client.ts'
import { composedService } from '../../support/builders/service/composed-service.ts'

const APP = 'https://app.example.com/signed-in'
const NATIVE = 'http://127.0.0.1/callback'
const SCHEME = 'com.example.app:/signed-in'
const QUERY = 'https://app.example.com/in?from=auth'

let given: GivenOAuth
let standard: GivenOAuth
beforeAll(async () => {
  given = await givenOAuth({ OAUTH_REDIRECT_URIS: [APP, NATIVE, SCHEME, QUERY].join(', ') })
  standard = await givenOAuth()
}, 60_000)
afterAll(async () => {
  await given.end()
  await standard.end()
})

const start = (redirectUri: string) => given.start('google', { redirectUri })

describe('a redirect address', () => {
  test.each([
    APP,
    SCHEME,
    QUERY,
    NATIVE,
    'http://127.0.0.1:49152/callback',
    'http://127.0.0.1:1/callback',
  ])('that is registered is used: %s [OA11]', async (redirectUri) => {
    const sent = await start(redirectUri)
    const back = await given.returnFromProvider(sent, somebody())
    expect(back.status).toBe(303)
    const location = back.headers.get('location') ?? ''
    expect(location).toStartWith(`${redirectUri}${redirectUri.includes('?') ? '&' : '?'}code=`)
    expect(answerIn(back).get('state')).toBe(sent.state)
  })

  test.each([
    '//app.example.com/signed-in',
    'https:\\\\app.example.com\\signed-in',
    'https://app.example.com@evil.test/signed-in',
    'https://user:pw@app.example.com/signed-in',
    'https://evil.test#@app.example.com/signed-in',
    'https://app.example.com/signed-in#fragment',
    'https://app.example.com/signed-in?more=1',
    'https://app.example.com/signed-in/',
    'https://app.example.com/signed-in/../evil',
    'https://app.example.com/signed-in%2f..',
    'https://APP.example.com/signed-in',
    'https://app.example.com./signed-in',
    'https://app.example.com:443/signed-in',
    'https://app.example.com:8443/signed-in',
    'http://app.example.com/signed-in',
    'https://app.example.com/Signed-in',
    'https://app.example.com.evil.test/signed-in',
    'https://app.example.com/signed-in\r\nlocation: https://evil.test',
    ' https://app.example.com/signed-in',
    'javascript:alert(1)',
    'data:text/html,x',
    'com.example.app:/other',
    'com.example.app2:/signed-in',
    'http://127.0.0.1:49152/other',
    'http://127.0.0.1:70000/callback',
    'http://127.0.0.1:/callback',
    'http://127.0.0.1:49152@evil.test/callback',
    'http://127.0.0.1.evil.test/callback',
    'http://127.1/callback',
    'http://localhost:49152/callback',
    'https://127.0.0.1/callback',
    `https://app.example.com/${'a'.repeat(3000)}`,
    '',
  ])(
    'that is not registered is refused, and no redirect leads to it: %p [OA11]',
    async (redirectUri) => {
      const { response } = await start(redirectUri)
      expect(await problemOf(response)).toEqual([400, 'invalid-redirect-uri'])
      expect(response.headers.get('location')).toBeNull()
      expect(response.headers.get('set-cookie')).toBeNull()
    },
  )

  test.each([
    'http://localhost:3000/',
    'http://localhost',
    'http://127.0.0.1:5173/any/path?with=query',
  ])('outside production may be on any port of this machine: %s [OA11]', async (redirectUri) => {
    expect((await standard.start('google', { redirectUri })).response.status).toBe(302)
  })

  test.each([
    'http://localhost:3000/a/../b',
    'http://localhost:3000/#x',
    'http://localhost@evil.test/',
    'http://localhost.evil.test/',
    'http://localhost:3000\\@evil.test/',
    'http://localhost:3000/\t',
    'http://LOCALHOST:3000/',
    'http://[::1]:3000/',
    'https://localhost:3000/',
    'http://192.168.0.1/',
  ])('outside production may not be on another machine: %p [OA11]', async (redirectUri) => {
    const { response } = await standard.start('google', { redirectUri })
    expect(await problemOf(response)).toEqual([400, 'invalid-redirect-uri'])
  })
})

describe('the beginning of a sign-in', () => {
  test.each([
    ['an unknown provider', 'myspace'],
    ['the name of a prototype', '__proto__'],
    ['another case', 'Google'],
  ])('with %s finds nothing', async (_, provider) => {
    expect(await problemOf((await given.start(provider)).response)).toEqual([
      404,
      'unknown-provider',
    ])
  })

  test.each([
    ['state', { state: '' }],
    ['state', { state: 'with space' }],
    ['state', { state: 'a'.repeat(513) }],
    ['code_challenge', { code_challenge: 'short' }],
    ['code_challenge', { code_challenge: `${'c'.repeat(42)}=` }],
    ['code_challenge_method', { code_challenge_method: 'plain' }],
    ['code_challenge_method', { code_challenge_method: '' }],
  ])('without a proper %s is refused [OA8]', async (name, query) => {
    const { response } = await given.start('google', { redirectUri: APP, query })
    const problem = JSON.parse(await response.text())
    expect([response.status, problem.code]).toEqual([400, 'invalid-request'])
    expect(problem.errors).toMatchObject([{ pointer: `#/${name}` }])
  })

  test('with an identity of its own ignores it [OA23]', async () => {
    const query = {
      sub: 'victim',
      email: 'victim@gmail.com',
      provider: 'line',
      login_hint: 'victim',
    }
    const sent = await given.start('google', { redirectUri: APP, query })
    expect(sent.location).not.toContain('victim')
    const back = await given.returnFromProvider(
      sent,
      somebody({ email: 'me@gmail.com', verified: true }),
    )
    const { user } = JSON.parse(await (await given.exchange(sent, given.codeFrom(back))).text())
    expect(user.email).toBe('me@gmail.com')
  })

  test('and its other steps are not done for a HEAD [HH9]', async () => {
    const sent = await given.start('google', { redirectUri: APP })
    const back = await given.fake.decide(sent.location, somebody())
    const { pathname, search } = new URL(back)
    const head = { method: 'HEAD', headers: { cookie: sent.cookie } }
    expect((await given.service.ask(`${pathname}${search}`, head)).status).toBe(405)
    expect((await given.open(back, sent.cookie)).status).toBe(303)
  })

  test('is offered for those providers that are configured, and no other', async () => {
    const listed = async (environment: Record<string, string>) => {
      const service = await composedService(environment)
      const answer = await service.ask('/v1/auth/providers')
      await service.end()
      return JSON.parse(await answer.text()).items
    }
    const { LINE_CHANNEL_ID = '', LINE_CHANNEL_SECRET = '' } = given.fake.settings
    expect(await listed({})).toEqual([])
    const line = { LINE_CHANNEL_ID, LINE_CHANNEL_SECRET }
    expect(await listed(line)).toEqual([{ id: 'line', name: 'LINE' }])
  }, 30_000)
})
