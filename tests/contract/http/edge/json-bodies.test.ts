import { describe, expect, test } from 'bun:test'
import { readJson } from '../../../../src/adapters/http/edge/json-body.ts'
import { quickestOf } from '../../../support/processes/timing/quickest-of.ts'
import type { Api } from '../given-api.ts'
import { givenApi, jsonRequest, REGISTRATION } from '../given-api.ts'
import type { Body, RouteName } from '../given-routes.ts'
import {
  BODIES,
  JSON_TYPE,
  problemCode,
  routesOf,
  routesWithBody,
  sendTo,
} from '../given-routes.ts'

const onEachRoute = async (check: (api: Api, route: RouteName) => Promise<void>): Promise<void> => {
  const api = givenApi()
  const routes = routesWithBody(api)
  expect(routes).toHaveLength(Object.keys(BODIES).length)
  for (const route of routes) await check(api, route)
}

const valid = ({ name }: RouteName): string => JSON.stringify(BODIES[name])

const answersOf = async (
  body: (route: RouteName) => Body,
  headers: Record<string, string>,
): Promise<[string, number, string][]> => {
  const answers: [string, number, string][] = []
  await onEachRoute(async (api, route) => {
    const response = await sendTo(api, route, { body: body(route), headers })
    answers.push([route.name, response.status, await problemCode(response)])
  })
  return answers
}

const everywhere = (answers: readonly [string, number, string][]) => [
  ...new Set(answers.map(([, status, code]) => `${status} ${code}`)),
]

describe('every route with a body', () => {
  test('takes its body as JSON', async () => {
    await onEachRoute(async (api, route) => {
      const response = await sendTo(api, route, { body: valid(route), headers: JSON_TYPE })
      expect([route.name, response.status < 300]).toEqual([route.name, true])
    })
  })

  test('is listed here, so that no other takes what is not checked', async () => {
    const api = givenApi()
    const others = routesOf(api).filter(
      ({ method, name }) => !(name in BODIES) && method !== 'GET' && method !== 'DELETE',
    )
    expect(others.map(({ name }) => name)).toEqual(['POST /v1/auth/logout-all'])
  })

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
    'application/json; charset=iso-8859-1',
    'application/json; charset=utf-16',
    'application/json, text/plain',
    'application/jsonp',
    'application/problem+json',
  ])('refuses the content type %p [HH1]', async (type) => {
    const answers = await answersOf(valid, { 'content-type': type })
    expect(everywhere(answers)).toEqual(['415 unsupported-media-type'])
  })

  test('refuses a body without a content type [HH1]', async () => {
    const answers = await answersOf((route) => new TextEncoder().encode(valid(route)), {})
    expect(everywhere(answers)).toEqual(['415 unsupported-media-type'])
  })

  test.each(['application/json;charset=UTF-8', 'Application/JSON ; charset="utf-8"'])(
    'takes the content type %p',
    async (type) => {
      await onEachRoute(async (api, route) => {
        const response = await sendTo(api, route, {
          body: valid(route),
          headers: { 'content-type': type },
        })
        expect([route.name, response.status < 300]).toEqual([route.name, true])
      })
    },
  )

  test.each(['gzip', 'br', 'gzip, identity'])('refuses a body in %p [HH2]', async (encoding) => {
    const answers = await answersOf(valid, { ...JSON_TYPE, 'content-encoding': encoding })
    expect(everywhere(answers)).toEqual(['415 unsupported-media-type'])
  })

  test('refuses more than 16 KiB announced by Content-Length [HH2]', async () => {
    const answers = await answersOf(() => `"${'a'.repeat(16_384)}"`, JSON_TYPE)
    expect(everywhere(answers)).toEqual(['413 content-too-large'])
  })

  test('refuses more than 16 KiB that come in chunks [HH2]', async () => {
    const answers = await answersOf(() => inChunks(17, 'a'.repeat(1024)), JSON_TYPE)
    expect(everywhere(answers)).toEqual(['413 content-too-large'])
  })

  test.each([
    ['cut', '{"email":"jo@exa'],
    ['empty', ''],
    ['not a number', '{"password":NaN}'],
    ['with a comment', '{/* hello */}'],
    ['with a trailing comma', '{"password":"x",}'],
    ['behind a byte order mark', '\ufeff{}'],
    ['two texts', '{}{}'],
    ['single quotes', "{'a':1}"],
  ])('refuses JSON that is %s [FZ1]', async (_, body) => {
    const answers = await answersOf(() => body, JSON_TYPE)
    expect(everywhere(answers)).toEqual(['400 invalid-json'])
  })

  test('refuses bytes that are not UTF-8 [FZ1]', async () => {
    const bytes = () => new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])
    expect(everywhere(await answersOf(bytes, JSON_TYPE))).toEqual(['400 invalid-json'])
  })

  test.each(['null', '[]', '[{}]', '"text"', '42', 'true'])(
    'refuses the root %s as an invalid request [FZ1]',
    async (body) => {
      const answers = await answersOf(() => body, JSON_TYPE)
      expect(everywhere(answers)).toEqual(['422 invalid-request'])
    },
  )

  test('refuses fields that it does not know, `__proto__` and `constructor` too [FZ3]', async () => {
    for (const name of ['extra', '__proto__', 'constructor', 'toString']) {
      const body = (route: RouteName) => `{"${name}":{"polluted":true},${valid(route).slice(1)}`
      expect(everywhere(await answersOf(body, JSON_TYPE))).toEqual(['422 invalid-request'])
    }
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })

  test('refuses half a surrogate pair in any field', async () => {
    const body = ({ name }: RouteName) =>
      JSON.stringify(
        Object.fromEntries(Object.keys(BODIES[name] ?? {}).map((field) => [field, '\ud800'])),
      )
    expect(everywhere(await answersOf(body, JSON_TYPE))).toEqual(['422 invalid-request'])
  })

  test('refuses values of any other type than the field has [RG12]', async () => {
    for (const value of [['a'], { a: 1 }, 7, true]) {
      const body = ({ name }: RouteName) =>
        JSON.stringify(
          Object.fromEntries(Object.keys(BODIES[name] ?? {}).map((field) => [field, value])),
        )
      expect(everywhere(await answersOf(body, JSON_TYPE))).toEqual(['422 invalid-request'])
    }
  })

  test('repeats nothing that was sent [LE2]', async () => {
    const canary = 'canary-7f3a'
    const bodies = [
      (route: RouteName) => `${valid(route).slice(0, -1)},"unknown":"${canary}"}`,
      (route: RouteName) => `${valid(route).slice(0, -1)},"${canary}":1}`,
      () => JSON.stringify({ email: [canary], password: { canary }, identifier: 7 }),
      () => `{"password":"${canary}"`,
      () => `{"password":"${canary}\\u0000\\ud800"}`,
      () => `"${canary}"`,
    ]
    await onEachRoute(async (api, route) => {
      for (const body of bodies) {
        const response = await sendTo(api, route, { body: body(route), headers: JSON_TYPE })
        expect(response.status).toBeGreaterThanOrEqual(400)
        expect(await response.text()).not.toContain(canary)
      }
      expect(JSON.stringify(api.lines)).not.toContain(canary)
    })
  })
})

describe('a body', () => {
  test('that lacks a field is refused with that field, once', async () => {
    const response = await givenApi().send('/v1/auth/register', jsonRequest('POST', {}))
    const required = (pointer: string) => expect.objectContaining({ pointer, code: 'required' })
    expect(await response.json()).toMatchObject({
      errors: [required('#/email'), required('#/username'), required('#/password')],
    })
  })

  test('with a member given twice is read with the last value, in validation and in use [FZ1]', async () => {
    const seen: string[] = []
    const { send } = givenApi({
      updateProfile: async (_, patch) => {
        seen.push(JSON.stringify(patch))
        throw new Error('seen')
      },
    })
    const twice = '{"displayName":7,"displayName":"Jo"}'
    await send('/v1/users/me', jsonRequest('PATCH', twice, 'user'))
    expect(seen).toEqual(['{"displayName":"Jo"}'])
  })

  test('with NUL in a text is refused, and in a password is passed on as it is [RG3] [RG8]', async () => {
    const passwords: string[] = []
    const { send } = givenApi({
      registerUser: async ({ password }) => {
        passwords.push(password)
        throw new Error('seen')
      },
    })
    const nul = 'a\u0000b'
    for (const field of ['email', 'username', 'displayName']) {
      const response = await send(
        '/v1/auth/register',
        jsonRequest('POST', { ...REGISTRATION, [field]: nul }),
      )
      expect(await response.json()).toMatchObject({
        code: 'invalid-request',
        errors: [{ pointer: `#/${field}`, code: 'invalid-characters' }],
      })
    }
    await send('/v1/auth/register', jsonRequest('POST', { ...REGISTRATION, password: nul }))
    expect(passwords).toEqual([nul])
  })

  test('of hostile texts reaches the use case as it is or is refused [FZ6]', async () => {
    const hostile = [
      "'; DROP TABLE users;--",
      '{{7*7}}',
      '$(id)',
      '%s%n',
      '../../etc/passwd',
      '<x>',
    ]
    for (const text of hostile) {
      const { send } = givenApi()
      const response = await send(
        '/v1/auth/register',
        jsonRequest('POST', { ...REGISTRATION, displayName: text }),
      )
      expect([201, 422]).toContain(response.status)
    }
  })

  test('that never ends is refused after its deadline [HH3]', async () => {
    const request = new Request('http://auth.test/', {
      method: 'POST',
      headers: JSON_TYPE,
      body: new ReadableStream({ pull: () => new Promise<void>(() => undefined) }),
    })
    expect(await readJson(request, { bytes: 100, milliseconds: 1 })).toEqual({
      ok: false,
      problem: { code: 'request-timeout', headers: { connection: 'close' } },
    })
  })

  test('whose sender disconnects is not logged as a fault', async () => {
    const api = givenApi()
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode('{"identifier":')),
      pull: (controller) => controller.error(new Error('connection lost')),
    })
    const response = await api.send('/v1/auth/login', { ...jsonRequest('POST', ''), body })
    expect(response.status).toBe(408)
    expect(api.lines.map(({ event }) => event)).toEqual(['request'])
  })

  test('of exactly the greatest size is read', async () => {
    const request = new Request('http://auth.test/', {
      method: 'POST',
      headers: JSON_TYPE,
      body: inChunks(2, '        '),
    })
    expect(await readJson(request, { bytes: 16, milliseconds: 1000 })).toMatchObject({
      problem: { code: 'invalid-json' },
    })
  })

  test('of 16 kB of crafted text costs less than 5 ms each to refuse [FZ5]', async () => {
    const { send } = givenApi()
    const crafted = [`${'a.'.repeat(7000)}@`, `https://${'a/'.repeat(7000)}`, '\u0301'.repeat(7000)]
    const rounds = 20
    await send(
      '/v1/auth/register',
      jsonRequest('POST', { ...REGISTRATION, email: 'x'.repeat(9000) }),
    )
    const { seconds } = await quickestOf(3, 0.005, async () => {
      const started = performance.now()
      for (const email of crafted)
        for (let round = 0; round < rounds; round += 1)
          await send('/v1/auth/register', jsonRequest('POST', { ...REGISTRATION, email }))
      return { seconds: (performance.now() - started) / 1000 / (rounds * crafted.length) }
    })
    expect(seconds).toBeLessThan(0.005)
  })
})

const inChunks = (count: number, chunk: string): ReadableStream<Uint8Array> => {
  let left = count
  return new ReadableStream({
    pull: (controller) => {
      if (left === 0) controller.close()
      else controller.enqueue(new TextEncoder().encode(chunk))
      left -= 1
    },
  })
}
