import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { gzipSync } from 'node:zlib'
import { PASSWORD } from '../../support/builders/accounts/given-users.ts'
import { register, send, signIn } from '../../support/builders/http/given-http.ts'
import type { ListedRoute } from '../../support/builders/http/listed-routes.ts'
import { listedRoutes, pathOf } from '../../support/builders/http/listed-routes.ts'
import { metricOf, VERIFICATIONS } from '../../support/processes/service/metrics-of.ts'
import { startPreparedService } from '../../support/processes/service/prepared-data.ts'
import { rawRequest } from '../../support/processes/service/raw-request.ts'
import type { Service } from '../../support/processes/service/start-service.ts'
import { runCommand } from '../../support/processes/service/start-service.ts'
import { quickestOf } from '../../support/processes/timing/quickest-of.ts'

const MILLISECONDS = 60_000

let service: Service
let bearer: string
/** Gets past every guard, to where the body is looked at. */
let admin: string
beforeAll(async () => {
  service = await startPreparedService({ environment: { RATE_LIMITS: 'off' } })
  bearer = (await register(service)).body.tokens.accessToken
  await runCommand(['admin', 'create', '--email', 'grace@example.com', '--username', 'grace'], {
    dataDirectory: service.dataDirectory,
    stdin: PASSWORD,
  })
  admin = (await signIn(service, 'grace')).body.tokens.accessToken
}, MILLISECONDS)
afterAll(async () => {
  await service.stop()
})

const JSON_ROUTES = listedRoutes.filter(({ body }) => body !== null)
const JSON_TYPE = { 'content-type': 'application/json' }

type Sent = {
  readonly body?: NonNullable<RequestInit['body']>
  readonly headers?: Record<string, string>
}

/** Sends to a route whatever is given, signed in. */
const sendTo = async (route: ListedRoute, { body, headers = {} }: Sent) => {
  const response = await fetch(`${service.url}${pathOf(route)}`, {
    method: route.method,
    // Signing out would take a bearer for the session to end.
    headers: route.isGuarded ? { authorization: `Bearer ${admin}`, ...headers } : headers,
    ...(body === undefined ? {} : { body }),
  })
  const text = await response.text()
  const isProblem = response.headers.get('content-type') === 'application/problem+json'
  return { response, text, status: response.status, code: isProblem ? JSON.parse(text).code : null }
}

/** The same on every route with a body; what came back, by route. */
const sendToAll = async (sent: Sent | (() => Sent)) =>
  Promise.all(
    JSON_ROUTES.map(async (route) => {
      const { status, code } = await sendTo(route, typeof sent === 'function' ? sent() : sent)
      return `${route.method} ${route.template} ${status} ${code}`
    }),
  )
const allAnswer = (status: number, code: string) =>
  JSON_ROUTES.map(({ method, template }) => `${method} ${template} ${status} ${code}`)

const inChunks = (text: string, length = 1000): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start: (controller) => {
      const bytes = new TextEncoder().encode(text)
      for (let at = 0; at < bytes.length; at += length)
        controller.enqueue(bytes.subarray(at, at + length))
      controller.close()
    },
  })

describe('every route with a body', () => {
  test('is covered by these tests', () => {
    expect(JSON_ROUTES.length).toBeGreaterThanOrEqual(7)
  })

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
    'application/json; charset=iso-8859-1',
    'application/json; charset=utf-16',
    'application/jsonp',
    'text/json',
    '*/*',
  ])('takes no body of the type %s [HH1]', async (type) => {
    expect(await sendToAll({ body: '{}', headers: { 'content-type': type } })).toEqual(
      allAnswer(415, 'unsupported-media-type'),
    )
  })

  test('takes no body without a type [HH1]', async () => {
    for (const route of JSON_ROUTES) {
      const text = `${route.method} ${pathOf(route)} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${admin}\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`
      expect([route.template, ...(await rawRequest(service, text)).statuses]).toEqual([
        route.template,
        415,
      ])
    }
  })

  test('takes no more than 16 KiB, announced or in chunks [HH2]', async () => {
    const big = JSON.stringify({ password: 'a'.repeat(20_000) })
    const tooLarge = allAnswer(413, 'content-too-large')
    expect(await sendToAll({ body: big, headers: JSON_TYPE })).toEqual(tooLarge)
    for (const route of JSON_ROUTES) {
      const { status } = await sendTo(route, { body: inChunks(big), headers: JSON_TYPE })
      expect([route.template, status]).toEqual([route.template, 413])
    }
  })

  test('takes no compressed body, however small [HH2]', async () => {
    const body = gzipSync(JSON.stringify({ password: 'a'.repeat(1_000_000) }))
    expect(body.length).toBeLessThan(16_384)
    const headers = { ...JSON_TYPE, 'content-encoding': 'gzip' }
    expect(await sendToAll({ body, headers })).toEqual(allAnswer(415, 'unsupported-media-type'))
  })

  test.each([
    ['cut off', '{"password":"a'],
    ['NaN', 'NaN'],
    ['a field of NaN', '{"password":NaN}'],
    ['a comment', '{/* a */}'],
    ['a comma too many', '{"password":"a",}'],
    ['single quotes', "{'password':'a'}"],
    ['empty', ''],
    ['spaces', '   '],
    ['a byte order mark', '\ufeff{}'],
    ['two texts', '{}{}'],
  ])('takes no JSON that is %s [FZ1]', async (_, body) => {
    expect(await sendToAll(() => ({ body: inChunks(body), headers: JSON_TYPE }))).toEqual(
      allAnswer(400, 'invalid-json'),
    )
  })

  test.each(['null', '[]', '[{}]', '"text"', '7', 'true', '{"":1}'])(
    'refuses %s in place of an object [FZ1]',
    async (body) => {
      expect(await sendToAll({ body, headers: JSON_TYPE })).toEqual(
        allAnswer(422, 'invalid-request'),
      )
    },
  )

  test('takes no value that cannot be written as a text [FZ3]', async () => {
    const hostile = [
      '{"toString":1,"valueOf":1}',
      '[{"toString":""}]',
      `${'['.repeat(7000)}${']'.repeat(7000)}`,
    ]
    for (const route of JSON_ROUTES)
      for (const field of Object.keys(route.body.properties))
        for (const value of hostile) {
          const body = `{${JSON.stringify(field)}:${value}}`
          const { status, code } = await sendTo(route, { body, headers: JSON_TYPE })
          expect([route.template, field, status, code]).toEqual([
            route.template,
            field,
            422,
            'invalid-request',
          ])
        }
    for (const body of hostile)
      expect(await sendToAll({ body, headers: JSON_TYPE })).toEqual(
        allAnswer(422, 'invalid-request'),
      )
  })

  test('takes no text that is not UTF-8 [FZ1]', async () => {
    const body = new Uint8Array([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0xfe, 0x22, 0x7d])
    expect(await sendToAll({ body, headers: JSON_TYPE })).toEqual(allAnswer(400, 'invalid-json'))
  })

  test('refuses a member named like a prototype, and one nested a thousand deep [FZ3]', async () => {
    for (const body of [
      '{"__proto__":{"isActive":false,"role":"admin"}}',
      '{"constructor":{"prototype":{"role":"admin"}}}',
      '{"prototype":{}}',
      `{"a":${'['.repeat(1000)}${']'.repeat(1000)}}`,
    ])
      expect(await sendToAll({ body, headers: JSON_TYPE })).toEqual(
        allAnswer(422, 'invalid-request'),
      )
    const queried = await send(
      service,
      'GET',
      '/v1/users/me?__proto__[role]=admin&constructor.prototype.x=1',
      {
        bearer,
        headers: { cookie: '__proto__=1; constructor=2; __Host-refresh=__proto__' },
      },
    )
    expect(queried).toMatchObject({ status: 200, body: { role: 'user' } })
    expect((await send(service, 'GET', '/v1/admin/events', { bearer })).status).toBe(403)
  })
})

/** What is valid but for the place where something else is put. */
const VALID: Readonly<Record<string, unknown>> = {
  email: 'somebody@example.com',
  username: 'somebody',
  displayName: 'Some Body',
  avatar: 'https://example.com/a.png',
  password: PASSWORD,
  currentPassword: PASSWORD,
  newPassword: 'seven copper kettles sing',
  identifier: 'somebody',
  refreshToken: 'v1.a.b.c.d',
}
const fieldsOf = ({ body }: ListedRoute): string[] =>
  Object.keys(body.properties).filter((name) => name in VALID)
const bodyWith = (route: ListedRoute, field: string, value: unknown): string =>
  JSON.stringify({
    ...Object.fromEntries(fieldsOf(route).map((name) => [name, VALID[name]])),
    [field]: value,
  })

const HOSTILE = [
  "'; drop table users; --",
  "' or '1'='1",
  '$(touch owned)',
  '`id`',
  '{{7*7}}',
  ['$', '{7*7}'].join(''),
  '<script>alert(1)</script>',
  '%s%s%n',
  '../../etc/passwd',
  '\r\nSet-Cookie: a=b',
  '\u0000',
  '\ud800',
  '\u202eevil',
  '🏴‍☠️',
  'a'.repeat(5000),
]

describe('every field of every route', () => {
  test(
    'takes hostile text as it is or refuses it, and never fails [FZ6]',
    async () => {
      for (const route of JSON_ROUTES)
        for (const field of fieldsOf(route))
          for (const value of HOSTILE) {
            const { status } = await sendTo(route, {
              body: bodyWith(route, field, value),
              headers: JSON_TYPE,
            })
            expect([route.template, field, value, status < 500]).toEqual([
              route.template,
              field,
              value,
              true,
            ])
          }
      const users = await send(service, 'GET', '/v1/users/me', { bearer })
      expect(users.status).toBe(200)
    },
    MILLISECONDS,
  )

  test('that holds hostile text shows it as it came [FZ6]', async () => {
    for (const displayName of HOSTILE.slice(0, 9)) {
      const patched = await send(service, 'PATCH', '/v1/users/me', {
        body: { displayName },
        bearer,
      })
      expect([patched.status, patched.body.displayName]).toEqual([200, displayName])
    }
  })

  test(
    'repeats nothing of what it refuses [LE2]',
    async () => {
      let canaries = 0
      for (const route of JSON_ROUTES)
        for (const field of [...fieldsOf(route), 'unknownField'])
          for (const make of [
            (canary: string) => [canary],
            (canary: string) => ({ [canary]: canary }),
            (canary: string) => `${canary}\u0000`,
            (canary: string) => canary.repeat(600),
            (canary: string) => `${canary}@@`,
          ]) {
            canaries += 1
            const canary = `canary${canaries}x`
            const { text, response } = await sendTo(route, {
              body: bodyWith(route, field, make(canary)),
              headers: JSON_TYPE,
            })
            expect([route.template, field, text.includes(canary)]).toEqual([
              route.template,
              field,
              false,
            ])
            expect(JSON.stringify([...response.headers])).not.toContain(canary)
          }
      for (const path of [
        '/v1/canary-path',
        '/problems/canary-code',
        '/v1/users/me/sessions/canary-id',
      ])
        expect((await fetch(`${service.url}${path}?q=canary-query`)).text()).resolves.not.toContain(
          'canary',
        )
      for (const query of ['limit=canary', 'cursor=canary', 'canary=1']) {
        const listed = await send(service, 'GET', `/v1/users/me/sessions?${query}`, { bearer })
        expect([listed.status, JSON.stringify(listed.body).includes('canary')]).toEqual([
          422,
          false,
        ])
      }
      const header = await send(service, 'POST', '/v1/auth/register', {
        body: {},
        headers: { 'idempotency-key': `canary-${'k'.repeat(300)}` },
      })
      expect([header.status, JSON.stringify(header.body).includes('canary')]).toEqual([422, false])
    },
    MILLISECONDS,
  )

  test(
    'is read quickly, whatever was crafted into it [FZ5]',
    async () => {
      const crafted = [
        'a'.repeat(16_000),
        `${'a.'.repeat(8000)}@`,
        'a@'.repeat(8000),
        `a@${'-'.repeat(15_000)}`,
        `https://${'a.'.repeat(7000)}`,
        `https://example.com/${'%'.repeat(15_000)}`,
        ' '.repeat(15_000),
        '\u0301\u0327'.repeat(3500),
        '\ufdfa'.repeat(5000),
      ]
      // Passwords are long too, and refused for it before they are hashed: their routes count as well.
      const before = await metricOf(service, VERIFICATIONS)
      const timed = async (route: ListedRoute, body: string) => {
        const began = performance.now()
        await sendTo(route, { body, headers: JSON_TYPE })
        return { seconds: (performance.now() - began) / 1000 }
      }
      const slow: string[] = []
      for (const route of JSON_ROUTES)
        for (const field of fieldsOf(route).filter((name) => !/assword/.test(name)))
          for (const [index, value] of crafted.entries()) {
            const body = bodyWith(route, field, value)
            const { seconds } = await quickestOf(20, 0.005, () => timed(route, body))
            if (seconds > 0.005) slow.push(`${route.template} ${field} ${index} ${seconds}`)
          }
      expect(slow).toEqual([])
      expect(await metricOf(service, VERIFICATIONS)).toBe(before)
    },
    MILLISECONDS,
  )
})

describe('every answer', () => {
  const HEADERS = {
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  }
  const ask = (method: string, path: string, init: RequestInit = {}) =>
    fetch(`${service.url}${path}`, { method, ...init })

  const answers: readonly (readonly [name: string, status: number, () => Promise<Response>])[] = [
    ['of every kind', 200, () => ask('GET', '/health')],
    [
      'signed in',
      200,
      () => ask('GET', '/v1/users/me', { headers: { authorization: `Bearer ${bearer}` } }),
    ],
    ['not signed in', 401, () => ask('GET', '/v1/users/me')],
    [
      'not allowed',
      403,
      () => ask('GET', '/v1/admin/events', { headers: { authorization: `Bearer ${bearer}` } }),
    ],
    ['not found', 404, () => ask('GET', '/nowhere')],
    ['not a method', 405, () => ask('PUT', '/v1/users/me')],
    ['preflight', 204, () => ask('OPTIONS', '/v1/users/me')],
    [
      'too large',
      413,
      () => ask('POST', '/v1/auth/login', { headers: JSON_TYPE, body: 'a'.repeat(20_000) }),
    ],
    ['not JSON', 400, () => ask('POST', '/v1/auth/login', { headers: JSON_TYPE, body: '{' })],
    ['another type', 415, () => ask('POST', '/v1/auth/login', { body: 'a' })],
    ['invalid', 422, () => ask('POST', '/v1/auth/login', { headers: JSON_TYPE, body: '{}' })],
    ['without content', 204, () => ask('POST', '/v1/auth/logout')],
    ['HEAD', 200, () => ask('HEAD', '/health')],
    ['keys', 200, () => ask('GET', '/.well-known/jwks.json')],
  ]

  test.each(answers)(
    '%s (%d) carries the security headers and names no server [HH6]',
    async (_, status, answer) => {
      const { status: given, headers } = await answer()
      expect(given).toBe(status)
      for (const [name, value] of Object.entries(HEADERS)) expect(headers.get(name)).toBe(value)
      expect(headers.get('x-trace-id')).toMatch(/^[0-9a-f]{32}$/)
      for (const name of ['server', 'x-powered-by', 'via', 'x-aspnet-version'])
        expect(headers.get(name)).toBeNull()
      expect(JSON.stringify([...headers])).not.toMatch(/bun|elysia|node|deno/i)
    },
  )

  test('about a person, a token or an error is stored by no cache [HH7]', async () => {
    for (const [name, , answer] of answers.filter(
      ([each]) => !['keys', 'of every kind', 'HEAD'].includes(each),
    ))
      expect([name, (await answer()).headers.get('cache-control')]).toEqual([name, 'no-store'])
    const registered = await register(service)
    expect(registered.headers.get('cache-control')).toBe('no-store')
  })
})

describe('a request line', () => {
  const line = (method: string, path: string, more = '') =>
    `${method} ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${bearer}\r\nConnection: close\r\n${more}\r\n`

  test.each([
    ['TRACE', '/v1/users/me', 405],
    ['CONNECT', 'evil.example:443', 404],
    ['PUT', '/v1/users/me', 405],
    ['PROPFIND', '/v1/users/me', 405],
  ])('with %s does nothing [HH9]', async (method, path, status) => {
    const { statuses, text } = await rawRequest(service, line(method, path))
    expect(statuses).toEqual([status])
    expect(text).not.toContain(bearer)
  })

  test.each(['BREW', 'get', 'DELETED', 'GETGETGETGETGETGETGETGET'])(
    'with the invented method %s is answered 4xx or not at all, and does nothing [HH9]',
    async (method) => {
      const { statuses, closed } = await rawRequest(service, line(method, '/v1/users/me'))
      expect(statuses.filter((status) => ![400, 404, 405, 501].includes(status))).toEqual([])
      expect(closed).toBe(true)
      expect((await send(service, 'GET', '/v1/users/me', { bearer })).status).toBe(200)
    },
  )

  test('is handled by its own method, whatever a header or the query says [HH9]', async () => {
    for (const name of ['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override'])
      await rawRequest(service, line('GET', '/v1/users/me?_method=DELETE', `${name}: DELETE\r\n`))
    const head = await rawRequest(service, line('HEAD', '/v1/users/me'))
    expect(head.statuses).toEqual([200])
    expect(head.text.split('\r\n\r\n')[1]).toBe('')
    expect((await send(service, 'GET', '/v1/users/me', { bearer })).status).toBe(200)
  })
})

describe('a body of doubtful length', () => {
  const post = (headers: string, body: string) =>
    `POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${headers}\r\n\r\n${body}`
  const chunked = 'Transfer-Encoding: chunked'
  const smuggled = 'GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n'

  test.each([
    ['length and chunks', post(`Content-Length: 5\r\n${chunked}`, `0\r\n\r\n${smuggled}`)],
    ['chunks and length', post(`${chunked}\r\nContent-Length: 5`, `0\r\n\r\n${smuggled}`)],
    ['two lengths', post('Content-Length: 2\r\nContent-Length: 40', `{}${smuggled}`)],
    ['a list of lengths', post('Content-Length: 2, 40', `{}${smuggled}`)],
    ['a length with a sign', post('Content-Length: +2', '{}')],
    ['a negative length', post('Content-Length: -2', '{}')],
    ['a hexadecimal length', post('Content-Length: 0x2', '{}')],
    ['a length beyond all bounds', post('Content-Length: 99999999999999999999', '{}')],
    ['a chunk of no number', post(chunked, 'zz\r\n{}\r\n0\r\n\r\n')],
    ['a negative chunk', post(chunked, '-2\r\n{}\r\n0\r\n\r\n')],
    ['a chunk longer than it says', post(chunked, '2\r\n{}XX0\r\n\r\n')],
    ['chunks without returns', post(chunked, '2\n{}\n0\n\n')],
    ['a chunk beyond all bounds', post(chunked, 'ffffffffffffffffff\r\n{}\r\n0\r\n\r\n')],
    ['an unknown encoding', post('Transfer-Encoding: xchunked', '2\r\n{}\r\n0\r\n\r\n')],
    ['an encoding under chunks', post('Transfer-Encoding: gzip, chunked', '2\r\n{}\r\n0\r\n\r\n')],
    ['a space before the colon', post('Transfer-Encoding : chunked', '2\r\n{}\r\n0\r\n\r\n')],
  ])('with %s is refused and ends the connection [HH10]', async (_, text) => {
    expect(await rawRequest(service, text)).toMatchObject({ statuses: [400], closed: true })
  })

  test('that says the same length twice is read with that length [HH10]', async () => {
    const twice = post(
      'Connection: close\r\nContent-Length: 2\r\nContent-Length: 2',
      `{}${smuggled}`,
    )
    const { statuses } = await rawRequest(service, twice)
    expect([[400], [422]]).toContainEqual([...statuses])
  })
})

describe('a forged host', () => {
  test('changes neither the addresses that the service writes nor the issuer that it accepts [HH11]', async () => {
    const get = (path: string, headers: string) =>
      rawRequest(service, `GET ${path} HTTP/1.1\r\n${headers}\r\nConnection: close\r\n\r\n`)
    const path = '/.well-known/oauth-authorization-server'
    const bodyOf = (text: string) => text.split('\r\n\r\n')[1] ?? ''
    const genuine = bodyOf((await get(path, 'Host: localhost')).text)
    expect(JSON.parse(genuine).issuer).toStartWith('http://localhost:')
    for (const headers of [
      'Host: evil.example',
      'Host: localhost\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: gopher',
      'Host: localhost\r\nForwarded: host=evil.example',
      'Host: localhost\r\nX-Original-URL: /v1/admin/events\r\nX-Rewrite-URL: /v1/admin/events',
    ])
      expect(bodyOf((await get(path, headers)).text)).toBe(genuine)
    const absolute = await get(`http://evil.example${path}`, 'Host: evil.example')
    expect(bodyOf(absolute.text)).toBe(genuine)

    const body = JSON.stringify({
      email: 'host@example.com',
      username: 'hosted',
      password: PASSWORD,
    })
    const registered = await rawRequest(
      service,
      `POST /v1/auth/register HTTP/1.1\r\nHost: evil.example\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
    )
    expect(registered.statuses).toEqual([201])
    expect(registered.text).not.toContain('evil.example')
    const { accessToken } = JSON.parse(bodyOf(registered.text)).tokens
    expect(JSON.parse(atob(accessToken.split('.')[1])).iss).toBe(JSON.parse(genuine).issuer)
  })
})
