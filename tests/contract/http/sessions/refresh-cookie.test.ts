import { describe, expect, test } from 'bun:test'
import { givenApi, jsonRequest, REGISTRATION, TOKENS } from '../given-api.ts'
import { problemCode } from '../given-routes.ts'

const ORIGIN = 'https://app.example.com'
const COOKIE = `theme=dark; __Host-refresh=${TOKENS.refreshToken}`
const ATTRIBUTES = ['Path=/', 'Secure', 'HttpOnly', 'SameSite=Strict']

const post = (body: unknown, headers: Record<string, string> = {}): RequestInit => {
  const request = jsonRequest('POST', body)
  return { ...request, headers: { ...request.headers, ...headers } }
}

describe('a browser that asks for its refresh token as a cookie', () => {
  test.each([
    ['/v1/auth/register', { ...REGISTRATION, refreshTransport: 'cookie' }],
    ['/v1/auth/login', { identifier: 'jo', password: 'right', refreshTransport: 'cookie' }],
  ])('gets it at %s where no script can read it [HH8]', async (path, body) => {
    const response = await givenApi().send(path, post(body))
    const cookie = response.headers.get('set-cookie') ?? ''
    expect(cookie.split('; ')).toEqual([
      `__Host-refresh=${TOKENS.refreshToken}`,
      'Max-Age=1000',
      ...ATTRIBUTES,
    ])
    expect(await response.text()).not.toContain(TOKENS.refreshToken)
  })

  test('refreshes with it from a listed origin, and gets the next one the same way [HH8]', async () => {
    const headers = { cookie: COOKIE, origin: ORIGIN }
    const response = await givenApi().send('/v1/auth/refresh', post({}, headers))
    expect(response.status).toBe(200)
    expect(response.headers.get('set-cookie')).toStartWith('__Host-refresh=v1.')
    expect(await response.text()).not.toContain(TOKENS.refreshToken)
  })

  test.each(['/v1/auth/refresh', '/v1/auth/logout'])(
    'is refused at %s from an origin that is not listed, or none [HH8]',
    async (path) => {
      for (const origin of ['https://evil.test', 'null', null]) {
        const { send } = givenApi({
          signOut: async () => {
            throw new Error('must not run')
          },
        })
        const headers = { cookie: COOKIE, ...(origin === null ? {} : { origin }) }
        const response = await send(path, post({}, headers))
        expect(response.status).toBe(403)
        expect(await problemCode(response)).toBe('origin-not-allowed')
      }
    },
  )

  test('loses the cookie when it signs out [HH8]', async () => {
    const ended: unknown[] = []
    const { send } = givenApi({
      signOut: async (token) => {
        ended.push(token)
      },
    })
    const response = await send('/v1/auth/logout', {
      method: 'POST',
      headers: { cookie: COOKIE, origin: ORIGIN },
    })
    expect(response.status).toBe(204)
    expect(response.headers.get('set-cookie')).toStartWith('__Host-refresh=; Max-Age=0')
    expect(ended).toEqual([TOKENS.refreshToken])
  })

  test('gets no other transport than the cookie [HH8]', async () => {
    const body = { ...REGISTRATION, refreshTransport: 'header' }
    const response = await givenApi().send('/v1/auth/register', post(body))
    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({
      errors: [{ pointer: '#/refreshTransport', code: 'not-allowed' }],
    })
  })
})

describe('a refresh', () => {
  test('by GET or HEAD, or with the token in the query, is not accepted [SE11]', async () => {
    const { send } = givenApi()
    const path = `/v1/auth/refresh?refreshToken=${TOKENS.refreshToken}`
    const body = post({ refreshToken: TOKENS.refreshToken })
    const answers = await Promise.all([
      send('/v1/auth/refresh'),
      send(path),
      send(path, { method: 'HEAD' }),
      send(path, { method: 'POST' }),
      send(path, body),
    ])
    expect(answers.map(({ status }) => status)).toEqual([405, 405, 405, 404, 404])
  })

  test('with an access token in its place is refused [SE11]', async () => {
    const response = await givenApi().send('/v1/auth/refresh', post({ refreshToken: 'user-token' }))
    expect(response.status).toBe(401)
    expect(await problemCode(response)).toBe('invalid-refresh-token')
  })

  test('without any token is an invalid request', async () => {
    const response = await givenApi().send('/v1/auth/refresh', post({}))
    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({
      errors: [{ pointer: '#/refreshToken', code: 'required' }],
    })
  })

  test('gives tokens in the body to those who sent one there', async () => {
    const { send } = givenApi()
    const headers = { cookie: COOKIE, origin: ORIGIN }
    const response = await send(
      '/v1/auth/refresh',
      post({ refreshToken: TOKENS.refreshToken }, headers),
    )
    expect(response.headers.has('set-cookie')).toBe(false)
    expect(await response.json()).toEqual({
      tokens: {
        accessToken: TOKENS.accessToken,
        tokenType: 'Bearer',
        expiresIn: 600,
        refreshToken: TOKENS.refreshToken,
        refreshExpiresIn: 1000,
      },
    })
  })

  test.each([
    ['no body', {}],
    ['a body of no bytes', { body: new Uint8Array() }],
    ['an empty object', post({})],
    ['the transport', post({ refreshTransport: 'cookie' })],
  ] as const)(
    'by cookie with %s gives the next cookie, and tokens without it [HH8]',
    async (_, given) => {
      const headers = { ...Object(given).headers, cookie: COOKIE, origin: ORIGIN }
      const response = await givenApi().send('/v1/auth/refresh', {
        method: 'POST',
        ...given,
        headers,
      })
      expect(response.status).toBe(200)
      expect(response.headers.get('set-cookie')).toStartWith('__Host-refresh=v1.')
      expect(await response.json()).toEqual({
        tokens: {
          accessToken: TOKENS.accessToken,
          tokenType: 'Bearer',
          expiresIn: 600,
          refreshExpiresIn: 1000,
        },
      })
    },
  )

  test('by a token in the body gives a cookie to those who ask for it [HH8]', async () => {
    const body = { refreshToken: TOKENS.refreshToken, refreshTransport: 'cookie' }
    const response = await givenApi().send('/v1/auth/refresh', post(body))
    expect(response.headers.get('set-cookie')).toStartWith('__Host-refresh=v1.')
    expect(await response.text()).not.toContain(TOKENS.refreshToken)
  })

  test.each([
    ['no body and no cookie', { method: 'POST' }],
    [
      'a transport that is none',
      post({ refreshTransport: 'body' }, { cookie: COOKIE, origin: ORIGIN }),
    ],
  ])('with %s is an invalid request', async (_, given) => {
    const response = await givenApi().send('/v1/auth/refresh', given)
    expect([response.status, await problemCode(response)]).toEqual([422, 'invalid-request'])
  })
})

describe('a sign-out', () => {
  test.each([
    ['nothing at all', {}],
    ['a body of no bytes', { body: new Uint8Array() }],
    ['an expired access token', { headers: { authorization: 'Bearer old.token' } }],
    ['an unknown refresh token', post({ refreshToken: 'v1.unknown' })],
  ] as const)('with %s answers 204 [SE6]', async (_, given) => {
    const response = await givenApi().send('/v1/auth/logout', { method: 'POST', ...given })
    expect(response.status).toBe(204)
  })
})
