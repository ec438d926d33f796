import { describe, expect, test } from 'bun:test'
import { givenApi } from '../given-api.ts'

describe('the key set', () => {
  test('may be cached for five minutes and is confirmed by its ETag [JW12]', async () => {
    const { send } = givenApi()
    const first = await send('/.well-known/jwks.json')
    expect(first.headers.get('cache-control')).toBe('public, max-age=300')
    expect(await first.json()).toEqual({ keys: [{ kty: 'EC', kid: 'k1' }] })
    const tag = first.headers.get('etag') ?? ''
    for (const known of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
      const second = await send('/.well-known/jwks.json', { headers: { 'if-none-match': known } })
      expect(second.status).toBe(304)
      expect(await second.text()).toBe('')
    }
  })

  test('is sent anew after it has changed [JW12]', async () => {
    const old = await givenApi().send('/.well-known/jwks.json')
    const { send } = givenApi({ jwks: () => ({ keys: [] }) })
    const headers = { 'if-none-match': old.headers.get('etag') ?? '' }
    expect((await send('/.well-known/jwks.json', { headers })).status).toBe(200)
  })
})

describe('the metadata', () => {
  test('name issuer and keys, whatever host the request claims [HH11]', async () => {
    const response = await givenApi().send('/.well-known/oauth-authorization-server', {
      headers: { host: 'evil.test', 'x-forwarded-host': 'evil.test', forwarded: 'host=evil.test' },
    })
    const text = await response.text()
    expect(text).not.toContain('evil.test')
    expect(JSON.parse(text)).toMatchObject({
      issuer: 'http://localhost:3000',
      jwks_uri: 'http://localhost:3000/.well-known/jwks.json',
    })
  })
})

describe('an event schema', () => {
  test('is served under its version, and no other name is', async () => {
    const { send } = givenApi()
    for (const [version, title] of Object.entries({ v1: 'user event', v2: 'user event 2' })) {
      const response = await send(`/schemas/user-events/${version}.json`)
      expect(await response.json()).toEqual({ title })
    }
    for (const name of ['v1', 'v3.json', '__proto__.json', 'constructor.json'])
      expect((await send(`/schemas/user-events/${name}`)).status).toBe(404)
  })
})

describe('the page of the API', () => {
  test('asks for nothing outside this service, and all that it asks for is here', async () => {
    const { send } = givenApi()
    const page = await send('/docs')
    const html = await page.text()
    expect(html).not.toMatch(/https?:|\/\/[a-z]/)
    const parts = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path ?? '')
    expect(parts).toEqual([
      'data:,',
      '/docs/swagger-ui.css',
      '/docs/contrast.css',
      '/docs/swagger-ui-bundle.js',
      '/docs/start.js',
    ])
    for (const path of parts.slice(1)) {
      const part = await send(path)
      expect(part.status).toBe(200)
      expect((await part.text()).length).toBeGreaterThan(50)
    }
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self';")
    expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
  })

  test('and its document exist only when they are configured [AZ10]', async () => {
    const { send } = givenApi({ settings: { docs: false } })
    for (const path of ['/docs', '/openapi.json', '/docs/start.js'])
      expect((await send(path)).status).toBe(404)
  })
})

describe('metrics', () => {
  test('are on the public listener only when this is configured [AZ10]', async () => {
    expect((await givenApi().send('/metrics')).status).toBe(404)
    const response = await givenApi({ settings: { metrics: 'public' } }).send('/metrics')
    expect(await response.text()).toBe('auth_up 1\n')
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  })
})
