import { describe, expect, test } from 'bun:test'
import { errorsDocument } from '../../../../src/adapters/http/problems/problem-pages.ts'
import { PROBLEMS } from '../../../../src/adapters/http/problems/problems.ts'
import { fail } from '../../../../src/domain/shared/result.ts'
import { givenApi, jsonRequest, REGISTRATION } from '../given-api.ts'

const CODES = Object.keys(PROBLEMS)

describe('problem codes', () => {
  test('are explained in docs/errors.md, each of them and no other', async () => {
    const page = await Bun.file(new URL('../../../../docs/errors.md', import.meta.url)).text()
    const documented = [...page.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, code]) => code ?? '')
    expect(documented.toSorted()).toEqual(CODES.toSorted())
    expect(page).toBe(errorsDocument())
  })

  test('are hyphenated', () => {
    expect(CODES.filter((code) => !/^[a-z]+(?:-[a-z]+)*$/.test(code))).toEqual([])
  })

  test('have a page each', async () => {
    const { send } = givenApi()
    for (const code of CODES) {
      const response = await send(`/problems/${code}`)
      expect(response.status).toBe(200)
      expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
      expect(await response.text()).toContain(`<code>${code}</code>`)
    }
  })

  test.each(['toString', '__proto__', 'constructor', '<script>', 'made-up'])(
    'that do not exist have none: %s',
    async (code) => {
      const response = await givenApi().send(`/problems/${encodeURIComponent(code)}`)
      expect(response.status).toBe(404)
      expect(await response.text()).not.toContain(code)
    },
  )
})

describe('a problem', () => {
  test('has the members of RFC 9457 and ours, and no others', async () => {
    const { send } = givenApi({ registerUser: async () => fail({ kind: 'username-taken' }) })
    const response = await send('/v1/auth/register', jsonRequest('POST', REGISTRATION))
    expect(await response.json()).toEqual({
      type: '/problems/username-taken',
      title: 'Username taken',
      status: 409,
      code: 'username-taken',
      detail: PROBLEMS['username-taken'].meaning,
      traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
    })
  })

  test.each([
    ['too-many-attempts', 61, 429, '61'],
    ['request-in-progress', 0.2, 409, '1'],
  ] as const)(
    'called %s that ends in %d s says when to retry, in whole seconds [BF1]',
    async (kind, retryAfterSeconds, status, wait) => {
      const { send } = givenApi({ registerUser: async () => fail({ kind, retryAfterSeconds }) })
      const response = await send('/v1/auth/register', jsonRequest('POST', REGISTRATION))
      expect(response.status).toBe(status)
      expect(response.headers.get('retry-after')).toBe(wait)
    },
  )

  test('about a weak password says where and why [PW3]', async () => {
    const { send } = givenApi({
      registerUser: async () =>
        fail({ kind: 'weak-password', field: 'password', weakness: 'made-of-names' }),
    })
    const response = await send('/v1/auth/register', jsonRequest('POST', REGISTRATION))
    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({
      code: 'weak-password',
      errors: [{ pointer: '#/password', code: 'made-of-names', detail: expect.any(String) }],
    })
  })

  test('about fields that a use case refused names each of them', async () => {
    const { send } = givenApi({
      registerUser: async () =>
        fail({
          kind: 'invalid-request',
          problems: [
            { field: 'email', code: 'not-an-email' },
            { field: 'username', code: 'a-code-of-tomorrow' },
          ],
        }),
    })
    const response = await send('/v1/auth/register', jsonRequest('POST', REGISTRATION))
    expect(await response.json()).toMatchObject({
      errors: [
        { pointer: '#/email', code: 'not-an-email' },
        { pointer: '#/username', code: 'a-code-of-tomorrow' },
      ],
    })
  })

  test.each(['', 'a'.repeat(256), 'ключ', 'tab\tinside'])(
    'is the answer to the Idempotency-Key %p',
    async (key) => {
      const { send } = givenApi()
      const request = jsonRequest('POST', REGISTRATION)
      const headers = new Headers(request.headers)
      headers.set('idempotency-key', Buffer.from(key).toString('latin1'))
      const response = await send('/v1/auth/register', { ...request, headers })
      expect(response.status).toBe(422)
      expect(await response.json()).toMatchObject({ errors: [{ pointer: '#/Idempotency-Key' }] })
    },
  )
})
