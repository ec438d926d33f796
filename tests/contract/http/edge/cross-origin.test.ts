import { describe, expect, test } from 'bun:test'
import { givenApi } from '../given-api.ts'

const LISTED = 'https://app.example.com'

const ask = (origin: string, corsOrigins: readonly string[] | 'loopback' = [LISTED]) =>
  givenApi({ settings: { corsOrigins } }).send('/health/live', { headers: { origin } })

const allowed = (response: Response) => response.headers.get('access-control-allow-origin')

describe('an origin', () => {
  test('that is listed is named exactly, and caches are told so [HH5]', async () => {
    const response = await ask(LISTED)
    expect(allowed(response)).toBe(LISTED)
    expect(response.headers.get('vary')).toContain('Origin')
    expect(response.headers.get('access-control-allow-credentials')).toBe('true')
    expect(response.headers.get('access-control-expose-headers')).toContain('ETag')
  })

  test.each([
    'null',
    '*',
    'http://app.example.com',
    'https://app.example.com.evil.test',
    'https://evil.test',
    'https://app.example.com:8443',
    'https://APP.example.com',
    'https://sub.app.example.com',
  ])('that is not listed gets no CORS headers: %s [HH5]', async (origin) => {
    const response = await ask(origin)
    expect(allowed(response)).toBeNull()
    expect(response.headers.has('access-control-allow-credentials')).toBe(false)
    expect(response.headers.get('vary')).toContain('Origin')
  })

  test('called null gets no CORS headers, even if it is listed [HH5]', async () => {
    expect(allowed(await ask('null', ['null']))).toBeNull()
  })

  test.each(['http://localhost:5173', 'http://127.0.0.1', 'http://localhost:1'])(
    'on loopback is listed where loopback is: %s',
    async (origin) => {
      expect(allowed(await ask(origin, 'loopback'))).toBe(origin)
    },
  )

  test.each([
    'https://localhost.evil.test',
    'http://localhost.evil.test',
    'http://localhost:5173.evil.test',
    'http://127.0.0.2',
    'http://localhost:',
    'null',
  ])(
    'that is not exactly loopback gets no CORS headers where loopback is listed: %s [HH5]',
    async (origin) => {
      expect(allowed(await ask(origin, 'loopback'))).toBeNull()
    },
  )

  test('is ignored when no origin is listed', async () => {
    const response = await ask(LISTED, [])
    expect(allowed(response)).toBeNull()
    expect(response.headers.has('vary')).toBe(false)
  })
})

describe('a preflight', () => {
  const preflight = (origin: string, path = '/v1/users/me') =>
    givenApi().send(path, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'PATCH' },
    })

  test('from a listed origin learns methods and headers [HH5]', async () => {
    const response = await preflight(LISTED)
    expect(response.status).toBe(204)
    expect(allowed(response)).toBe(LISTED)
    expect(response.headers.get('access-control-allow-methods')).toBe(
      'DELETE, GET, HEAD, OPTIONS, PATCH',
    )
    expect(response.headers.get('access-control-allow-headers')).toContain('if-match')
  })

  test('from another origin gets no CORS headers [HH5]', async () => {
    const response = await preflight('https://evil.test')
    expect(response.status).toBe(204)
    expect(allowed(response)).toBeNull()
    expect(response.headers.has('access-control-allow-methods')).toBe(false)
  })

  test('for a path that does not exist is not found', async () => {
    expect((await preflight(LISTED, '/nowhere')).status).toBe(404)
  })
})
