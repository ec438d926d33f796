import { afterAll, afterEach, beforeAll, describe, expect, setSystemTime, test } from 'bun:test'
import { PASSWORD } from '../../support/builders/accounts/given-users.ts'
import type { GivenOAuth } from '../../support/builders/oauth/given-oauth.ts'
import {
  givenOAuth,
  problemOf,
  sessionOf,
  somebody,
} from '../../support/builders/oauth/given-oauth.ts'
import { challengeOf, REDIRECT_URI } from '../../support/builders/oauth/oauth-client.ts'
import { jsonInit } from '../../support/builders/service/composed-service.ts'

let given: GivenOAuth
beforeAll(async () => {
  given = await givenOAuth()
}, 60_000)
afterEach(() => setSystemTime())
afterAll(() => given.end())

const ask = (bearer: string, method: string, path: string, body?: unknown) =>
  given.service.ask(path, {
    method,
    headers: {
      authorization: `Bearer ${bearer}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })

const identitiesOf = async (bearer: string, query = '') =>
  JSON.parse(await (await ask(bearer, 'GET', `/v1/users/me/identities${query}`)).text())

const link = async (provider: string, bearer: string, person = somebody()) => {
  const sent = await given.startLink(provider, bearer)
  const code = given.codeFrom(await given.returnFromProvider(sent, person))
  return given.exchange(sent, code, {}, bearer)
}

const LINK = { redirectUri: REDIRECT_URI, state: 's', codeChallenge: challengeOf('v') }

describe('a link', () => {
  test('is made by the session that asked for it, is published as an event, and can then be used to sign in [OA22]', async () => {
    const { id, tokens } = await given.register()
    const person = somebody({ email: 'linked@example.com' })
    const answer = await link('line', tokens.accessToken, person)
    expect(answer.status).toBe(200)
    const linked = JSON.parse(await answer.text())
    expect(linked).toEqual({ user: expect.objectContaining({ id, version: 2 }), linked: true })
    expect(answer.headers.get('etag')).toBe('"2"')
    expect(await given.eventsOf(id)).toEqual(['created 1', 'updated 2'])
    expect(await identitiesOf(tokens.accessToken)).toEqual({
      items: [{ provider: 'line', linkedAt: expect.any(String), email: 'linked@example.com' }],
      nextCursor: null,
    })
    const back = await given.signIn('line', person)
    expect([back.created, back.user.id]).toEqual([false, id])
  })

  test('that was made before is made again without another event', async () => {
    const { id, tokens } = await given.register()
    const person = somebody()
    for (const _ of ['first', 'second'])
      expect((await link('google', tokens.accessToken, person)).status).toBe(200)
    expect(await given.eventsOf(id)).toEqual(['created 1', 'updated 2'])
  })

  test('is asked for within five minutes of a sign-in only [OA22]', async () => {
    const { tokens } = await given.register()
    setSystemTime(new Date(Date.now() + 360_000))
    const answer = await ask(tokens.accessToken, 'POST', '/v1/users/me/identities/line', LINK)
    expect(await problemOf(answer)).toEqual([403, 'recent-login-required'])
  })

  test.each([
    ['myspace', {}, 404, 'unknown-provider'],
    ['line', { redirectUri: 'https://evil.test/in' }, 400, 'invalid-redirect-uri'],
    ['line', { codeChallenge: 'short' }, 422, 'invalid-request'],
    ['line', { state: 'with space' }, 422, 'invalid-request'],
    ['line', { sub: 'victim' }, 422, 'invalid-request'],
    ['line', { userId: '0198f3a2-0000-7000-8000-000000000001' }, 422, 'invalid-request'],
  ])('to %s with %p is not begun [OA23, AZ2]', async (provider, wrong, status, code) => {
    const { tokens } = await given.register()
    const body = { ...LINK, ...wrong }
    const answer = await ask(
      tokens.accessToken,
      'POST',
      `/v1/users/me/identities/${provider}`,
      body,
    )
    expect(await problemOf(answer)).toEqual([status, code])
  })

  test.each([
    ['nobody', async () => undefined],
    ['somebody else', async () => (await given.register()).tokens.accessToken],
  ])(
    'requested by one user and exchanged by %s is not made, and its code is spent [OA22]',
    async (_, other) => {
      const { id, tokens } = await given.register()
      const before = await given.count('identities')
      const sent = await given.startLink('google', tokens.accessToken)
      const code = given.codeFrom(await given.returnFromProvider(sent, somebody()))
      expect(await problemOf(await given.exchange(sent, code, {}, await other()))).toEqual([
        400,
        'invalid-grant',
      ])
      expect((await given.exchange(sent, code, {}, tokens.accessToken)).status).toBe(400)
      expect(await given.count('identities')).toBe(before)
      expect(await given.eventsOf(id)).toEqual(['created 1'])
    },
  )

  test('is not made for another session of the same person [OA22]', async () => {
    const { tokens, id, username } = await given.register()
    const login = jsonInit('POST', { identifier: username, password: PASSWORD })
    const other = JSON.parse(await (await given.service.ask('/v1/auth/login', login)).text())
    const sent = await given.startLink('google', tokens.accessToken)
    const code = given.codeFrom(await given.returnFromProvider(sent, somebody()))
    const answer = await given.exchange(sent, code, {}, other.tokens.accessToken)
    expect([answer.status, await given.eventsOf(id)]).toEqual([400, ['created 1']])
  })

  test('of an identity that opens another account is refused [OA22]', async () => {
    const person = somebody()
    const owner = await given.signIn('google', person)
    const { id, tokens } = await given.register()
    const answer = await link('google', tokens.accessToken, person)
    expect(await problemOf(answer)).toEqual([409, 'identity-taken'])
    expect(await given.eventsOf(id)).toEqual(['created 1'])
    expect((await given.signIn('google', person)).user.id).toBe(owner.user.id)
  })

  test('of a second identity of one provider is refused [OA22]', async () => {
    const { tokens } = await given.register()
    await link('google', tokens.accessToken)
    const second = await link('google', tokens.accessToken)
    expect(await problemOf(second)).toEqual([409, 'identity-taken'])
  })

  test('starts at an address that opens once, and not after a minute', async () => {
    const { tokens } = await given.register()
    const asked = async () => {
      const answer = await ask(tokens.accessToken, 'POST', '/v1/users/me/identities/line', LINK)
      return String(JSON.parse(await answer.text()).authorizationUrl)
    }
    const url = await asked()
    expect(url).toMatch(/^http:\/\/localhost:3000\/v1\/auth\/oauth\/continue\/[\w-]{43}$/)
    expect((await given.open(url, null)).status).toBe(302)
    expect(await problemOf(await given.open(url, null))).toEqual([400, 'invalid-oauth-state'])
    const unknown = url.replace(/[\w-]{43}$/, 'x'.repeat(43))
    expect(await problemOf(await given.open(unknown, null))).toEqual([400, 'invalid-oauth-state'])
  })
})

describe('an unlinking', () => {
  test('removes the identity, and is announced', async () => {
    const { id, tokens } = await given.register()
    const person = somebody()
    await link('google', tokens.accessToken, person)
    const path = '/v1/users/me/identities/google'
    expect((await ask(tokens.accessToken, 'DELETE', path)).status).toBe(204)
    expect(await problemOf(await ask(tokens.accessToken, 'DELETE', path))).toEqual([
      404,
      'not-found',
    ])
    expect((await identitiesOf(tokens.accessToken)).items).toEqual([])
    expect(await given.eventsOf(id)).toEqual(['created 1', 'updated 2', 'updated 3'])
    expect((await given.signIn('google', person)).created).toBe(true)
  })

  test('of the last way in is refused, and of others at the same time too [OA22]', async () => {
    const { user, tokens } = await given.signIn('google', somebody())
    const bearer = tokens.accessToken
    const unlink = (provider: string) =>
      ask(bearer, 'DELETE', `/v1/users/me/identities/${provider}`)
    expect(await problemOf(await unlink('google'))).toEqual([409, 'last-sign-in-method'])
    await link('line', bearer)
    await link('facebook', bearer)
    const answers = await Promise.all(['google', 'line', 'facebook'].map(unlink))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([204, 204, 409])
    expect((await identitiesOf(bearer)).items).toHaveLength(1)
    expect(await given.eventsOf(user.id)).toHaveLength(5)
  })

  test.each(['myspace', '__proto__', 'GOOGLE', '%2e%2e'])(
    'of %s, which is not linked, finds nothing [AZ8]',
    async (provider) => {
      const { tokens } = await given.register()
      const answer = await ask(tokens.accessToken, 'DELETE', `/v1/users/me/identities/${provider}`)
      expect(await problemOf(answer)).toEqual([404, 'not-found'])
    },
  )
})

describe('the audit trail', () => {
  test('says in which session an identity was linked and unlinked', async () => {
    const { id, tokens } = await given.register()
    await link('google', tokens.accessToken)
    await ask(tokens.accessToken, 'DELETE', '/v1/users/me/identities/google')
    const session = sessionOf(tokens.accessToken)
    expect(await given.linksOf(id)).toEqual([
      { action: 'identity.linked', session },
      { action: 'identity.unlinked', session },
    ])
  })

  test('says with which new session an identity was linked', async () => {
    const { id, email } = await given.register({ domain: 'gmail.com', verified: true })
    const { user, tokens } = await given.signIn('google', somebody({ email, verified: true }))
    const session = sessionOf(tokens.accessToken)
    expect(user.id).toBe(id)
    expect(await given.linksOf(id)).toEqual([{ action: 'identity.linked', session }])
  })
})

describe('the list of identities', () => {
  test('shows those of the caller alone, page by page [AZ1]', async () => {
    const { tokens } = await given.register()
    const stranger = await given.signIn('google', somebody())
    for (const provider of ['line', 'google', 'facebook']) await link(provider, tokens.accessToken)
    const seen: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const page = await identitiesOf(
        tokens.accessToken,
        `?limit=1${cursor && `&cursor=${cursor}`}`,
      )
      seen.push(...page.items.map((item: { provider: string }) => item.provider))
      cursor = page.nextCursor
    }
    expect(seen).toEqual(['facebook', 'google', 'line'])
    expect((await identitiesOf(stranger.tokens.accessToken)).items).toHaveLength(1)
  })

  test('is refused to a caller who is not signed in [AZ9]', async () => {
    for (const [method, path] of [
      ['GET', '/v1/users/me/identities'],
      ['POST', '/v1/users/me/identities/line'],
      ['DELETE', '/v1/users/me/identities/line'],
    ] as const)
      expect((await given.service.ask(path, { method })).status).toBe(401)
  })
})
