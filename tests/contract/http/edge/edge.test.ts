import { describe, expect, test } from 'bun:test'
import type { UseCases } from '../../../../src/adapters/http/public-api.ts'
import { fail } from '../../../../src/domain/shared/result.ts'
import { Unavailable } from '../../../../src/domain/shared/unavailable.ts'
import type { Api } from '../given-api.ts'
import { bearer, givenApi, jsonRequest, REGISTRATION, SESSION_ID, USER_ID } from '../given-api.ts'
import type { RouteName } from '../given-routes.ts'
import { BODIES, JSON_TYPE, pathOf, problemCode, routesOf, sendTo } from '../given-routes.ts'

const REQUIRED_HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
}

describe('a path or a method that does not exist', () => {
  test.each([
    '/v1',
    '/v2/users/me',
    '/v1/users/me/',
    '//v1/users/me',
    '/V1/users/me',
    '/v1/users/%6de',
    '/v1/users/me/sessions/',
    '/v1/users/me/sessions/a/b',
    '/v1/users/me/sessions/%zz',
    '/wp-login.php',
    '/constructor',
    '/__proto__',
  ])('is not found: %s', async (path) => {
    const response = await givenApi().send(path, { headers: bearer('user') })
    expect(response.status).toBe(404)
    expect(await problemCode(response)).toBe('not-found')
  })

  test.each(['/v1/users/me/sessions/..', '/v1/users/me/sessions/%2e%2e', '/v1/users/me/x/%2E.'])(
    'a step up from another path deletes no account: DELETE %s [AZ8]',
    async (path) => {
      let deleted = 0
      const deleteAccount: UseCases['deleteAccount'] = async () => {
        deleted += 1
        throw new Error('deleted')
      }
      const { send } = givenApi({ deleteAccount })
      const response = await send(path, { method: 'DELETE', headers: bearer('user') })
      expect(response.status).toBe(404)
      expect(deleted).toBe(0)
    },
  )

  test('answers 405 with what is allowed, for each path and each method it does not take [HH9]', async () => {
    const api = givenApi()
    const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'CONNECT', 'PROPFIND']
    for (const route of routesOf(api)) {
      const taken = routesOf(api)
        .filter(({ template }) => template === route.template)
        .map(({ method }) => method)
      for (const method of methods.filter((each) => !taken.includes(each))) {
        const response = await api.send(pathOf(route), { method, headers: bearer('admin') })
        expect([method, route.template, response.status]).toEqual([method, route.template, 405])
        const allowed = response.headers.get('allow')?.split(', ') ?? []
        expect(allowed).toEqual(expect.arrayContaining([...taken, 'OPTIONS']))
        expect(allowed).not.toContain(method)
      }
    }
  })

  test('a method named in a header or in the query changes nothing [HH9]', async () => {
    const { send } = givenApi({
      deleteAccount: async () => {
        throw new Error('must not run')
      },
    })
    const response = await send('/v1/users/me?_method=DELETE', {
      headers: { ...bearer('user'), 'x-http-method-override': 'DELETE', 'x-method': 'DELETE' },
    })
    expect(response.status).toBe(200)
  })

  test('a request without a host reaches the same routes', async () => {
    const { api } = givenApi()
    const bare = new Proxy(new Request('http://auth.test/'), {
      get: (request, name) => {
        if (name === 'url') return '/health/live'
        const value = Reflect.get(request, name, request)
        return typeof value === 'function' ? value.bind(request) : value
      },
    })
    expect((await api.fetch(bare, { address: null })).status).toBe(200)
  })

  test('a host name of one letter reaches the same routes', async () => {
    const { api } = givenApi()
    const response = await api.fetch(new Request('http://a/health/live'), { address: null })
    expect(response.status).toBe(200)
  })
})

describe('HEAD', () => {
  // What a GET there takes is gone afterwards.
  const isSpent = ({ template }: RouteName) => template.startsWith('/v1/auth/oauth/')
  const readRoutes = (api: Api) => routesOf(api).filter(({ method }) => method === 'GET')

  test('is refused where GET would spend a code or state, and spends nothing [HH9]', async () => {
    let spent = 0
    const spend = async () => {
      spent += 1
      return fail({ kind: 'invalid-oauth-state', returnTo: null } as const)
    }
    const api = givenApi({ finishOAuth: spend, continueLink: spend })
    const routes = readRoutes(api).filter(isSpent)
    for (const route of routes)
      expect((await api.send(pathOf(route), { method: 'HEAD' })).status).toBe(405)
    expect([routes.length, spent]).toEqual([3, 0])
  })

  test('answers like GET without a body, on every other route with GET [HH9]', async () => {
    const api = givenApi()
    for (const route of readRoutes(api).filter((each) => !isSpent(each))) {
      const get = await sendTo(api, route, {})
      const head = await api.send(pathOf(route), { method: 'HEAD', headers: bearer('admin') })
      expect([route.name, head.status]).toEqual([route.name, get.status])
      expect(head.headers.get('content-type')).toBe(get.headers.get('content-type'))
      expect(await head.text()).toBe('')
    }
  })

  test('is refused where there is no GET', async () => {
    const response = await givenApi().send('/v1/auth/refresh', { method: 'HEAD' })
    expect(response.status).toBe(405)
  })
})

describe('every answer', () => {
  const answersOfAllKinds = async (api: ReturnType<typeof givenApi>): Promise<Response[]> => {
    const answers = [
      await api.send('/nowhere'),
      await api.send('/v1/users/me', { method: 'PUT' }),
      await api.send('/v1/users/me', { method: 'OPTIONS' }),
      await api.send('/v1/auth/login', { method: 'POST', body: 'x' }),
      await api.send('/v1/auth/login', jsonRequest('POST', `"${'a'.repeat(20_000)}"`)),
      await api.send('/v1/auth/login', jsonRequest('POST', {})),
    ]
    for (const route of routesOf(api)) {
      const body = BODIES[route.name]
      const given = body === undefined ? {} : { body: JSON.stringify(body), headers: JSON_TYPE }
      answers.push(await sendTo(api, route, given))
      answers.push(await api.send(pathOf(route), { method: route.method }))
    }
    return answers
  }

  test('carries the security headers and names no server [HH6]', async () => {
    for (const { headers } of await answersOfAllKinds(givenApi())) {
      expect(Object.fromEntries(headers)).toMatchObject(REQUIRED_HEADERS)
      expect(headers.get('content-security-policy')).toStartWith("default-src 'none'")
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
      expect(headers.get('x-trace-id')).toMatch(/^[0-9a-f]{32}$/)
      expect(headers.has('server')).toBe(false)
      expect(headers.has('x-powered-by')).toBe(false)
    }
  })

  test('binds browsers to https for a year in production, and only there [HH6]', async () => {
    const production = givenApi({ settings: { production: true } })
    for (const { headers } of await answersOfAllKinds(production))
      expect(headers.get('strict-transport-security')).toBe('max-age=31536000; includeSubDomains')
    const { headers } = await givenApi().send('/health/live')
    expect(headers.has('strict-transport-security')).toBe(false)
  })

  test('forbids caching when it is personal, a token or an error [HH7]', async () => {
    const api = givenApi()
    const isPublicDocument =
      /^\/(?:$|docs|openapi|problems|schemas|\.well-known|v1\/auth\/password-rules)/
    for (const route of routesOf(api)) {
      const body = BODIES[route.name]
      const given = body === undefined ? {} : { body: JSON.stringify(body), headers: JSON_TYPE }
      const { headers } = await sendTo(api, route, given)
      if (!isPublicDocument.test(route.template))
        expect([route.name, headers.get('cache-control')]).toEqual([route.name, 'no-store'])
    }
    for (const path of ['/nowhere', '/problems/no-such-code'])
      expect((await api.send(path)).headers.get('cache-control')).toBe('no-store')
  })
})

describe('the trace of a request', () => {
  const PARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00'

  test('is continued with a span of its own', async () => {
    const { send, traceparents } = givenApi()
    const response = await send('/health/live', { headers: { traceparent: PARENT } })
    expect(response.headers.get('x-trace-id')).toBe('0af7651916cd43dd8448eb211c80319c')
    expect(traceparents[0]).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-00$/)
    expect(traceparents[0]).not.toBe(PARENT)
  })

  test.each([
    'nonsense',
    '00-00000000000000000000000000000000-b7ad6b7169203331-01',
    '00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01',
    'ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    '00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01',
    '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more',
  ])('begins anew when the header is not valid: %s', async (traceparent) => {
    const { send, traceparents } = givenApi()
    const response = await send('/health/live', { headers: { traceparent } })
    const traceId = response.headers.get('x-trace-id') ?? ''
    expect(traceId).not.toBe('0af7651916cd43dd8448eb211c80319c')
    expect(traceId).not.toBe('0'.repeat(32))
    expect(traceparents[0]).toStartWith(`00-${traceId}-`)
  })

  test('is named in a problem', async () => {
    const response = await givenApi().send('/nowhere')
    const traceId = response.headers.get('x-trace-id')
    expect(await response.json()).toMatchObject({ traceId })
  })
})

describe('the log', () => {
  test('has one line per request, with ids and never with what was sent [LE3]', async () => {
    const { send, lines } = givenApi()
    await send('/v1/users/me?email=jo@example.com', { headers: bearer('user') })
    expect(lines).toEqual([
      {
        level: 'info',
        event: 'request',
        fields: {
          method: 'GET',
          route: '/v1/users/me',
          status: 200,
          ms: expect.any(Number),
          traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
          userId: USER_ID,
          sessionId: SESSION_ID,
          problem: null,
        },
        fault: undefined,
      },
    ])
  })

  test('names the problem that was answered', async () => {
    const { send, lines } = givenApi()
    await send('/v1/auth/login', jsonRequest('POST', { identifier: 'jo', password: 'wrong' }))
    expect(lines[0]?.fields).toMatchObject({ status: 401, problem: 'bad-credentials' })
  })
})

describe('metrics', () => {
  test('have as many series after 1 000 different paths and methods as after one [LE6]', async () => {
    const { send, observed } = givenApi()
    for (let index = 0; index < 1000; index += 1) {
      await send(`/made/up/${index}`)
      await send(`/v1/users/me/sessions/${index}`, { method: 'DELETE', headers: bearer('user') })
      await send(`/problems/made-up-${index}`)
    }
    await send('/v1/users/me', { method: 'PROPFIND' })
    const series = new Set(observed.map((each) => JSON.stringify(each)))
    expect([...series].toSorted()).toEqual(
      [
        { route: 'unmatched', method: 'GET', status: 404 },
        { route: '/v1/users/me/sessions/:id', method: 'DELETE', status: 404 },
        { route: '/problems/:code', method: 'GET', status: 404 },
        { route: '/v1/users/me', method: 'OTHER', status: 405 },
      ]
        .map((each) => JSON.stringify(each))
        .toSorted(),
    )
  })
})

describe('a fault', () => {
  const SECRET = 'postgres://owner:hunter2@db.internal/auth at users.ts:12'
  const cause = new Error(SECRET)
  const broken = async () => {
    throw cause
  }
  const unavailable = async () => {
    throw new Unavailable('queue full', 2, { cause })
  }
  const failing = (fault: () => Promise<never>): Partial<UseCases> => ({
    registerUser: fault,
    signIn: fault,
    refreshSession: fault,
    signOut: fault,
    signOutEverywhere: fault,
    reauthenticate: fault,
    readProfile: fault,
    updateProfile: fault,
    deleteAccount: fault,
    changePassword: fault,
    listSessions: fault,
    endSession: fault,
    readLedger: fault,
    replayEvents: fault,
    startOAuth: fault,
    finishOAuth: fault,
    continueLink: fault,
    exchangeCode: fault,
    startLink: fault,
    listIdentities: fault,
    unlinkIdentity: fault,
    readSyncStatus: fault,
    reportSync: fault,
    changeSyncMode: fault,
    listDeadLetters: fault,
    redriveDeadLetters: fault,
    dismissDeadLetters: fault,
  })
  // Which providers and which rules for passwords there are is settled at the start.
  const SETTLED = ['/v1/auth/providers', '/v1/auth/password-rules']
  const isServedByUseCase = (template: string) =>
    template.startsWith('/v1/') && !SETTLED.includes(template)
  const askAll = async (given: Partial<UseCases>) => {
    const api = givenApi(given)
    const answers: Response[] = []
    for (const route of routesOf(api).filter(({ template }) => isServedByUseCase(template))) {
      const body = BODIES[route.name]
      const sent = body === undefined ? {} : { body: JSON.stringify(body), headers: JSON_TYPE }
      answers.push(await sendTo(api, route, sent))
    }
    return { answers, lines: api.lines }
  }

  test('where a browser navigates is a page, and says nothing of the cause [OA31, LE1]', async () => {
    for (const [cause, status] of [
      [new Error('secret cause'), 500],
      [new Unavailable('secret cause'), 503],
    ] as const) {
      const fail = async () => {
        throw cause
      }
      const { send } = givenApi({ startOAuth: fail, finishOAuth: fail, continueLink: fail })
      for (const path of [
        `/v1/auth/oauth/google?redirect_uri=https://app.example.com/in&state=s&code_challenge=${'c'.repeat(43)}&code_challenge_method=S256`,
        '/v1/auth/oauth/google/callback?state=s&code=c',
        '/v1/auth/oauth/continue/ticket',
      ]) {
        const response = await send(path, { headers: { accept: 'text/html' } })
        const text = await response.text()
        expect([path, response.status, response.headers.get('content-type')]).toEqual([
          path,
          status,
          'text/html; charset=utf-8',
        ])
        expect(response.headers.has('retry-after')).toBe(status === 503)
        expect(text).toContain('<a href="https://app.example.com/">')
        expect(text).not.toContain('secret cause')
      }
    }
    const { send } = givenApi()
    const elsewhere = await send('/v1/users/me', { headers: { accept: 'text/html' } })
    expect(elsewhere.headers.get('content-type')).toBe('application/problem+json')
  })

  test('in any use case answers 500 with a trace id and without the cause [LE1]', async () => {
    const { answers, lines } = await askAll(failing(broken))
    expect(answers.length).toBeGreaterThan(10)
    for (const response of answers) {
      expect(response.status).toBe(500)
      const text = await response.text()
      expect(text).toContain('internal-error')
      expect(text).not.toContain('hunter2')
      expect(text).not.toContain('.ts')
    }
    const faults = lines.filter(({ event }) => event === 'request.fault')
    expect(faults).toHaveLength(answers.length)
    expect(faults.every(({ fault }) => fault === cause)).toBe(true)
  })

  test('that is temporary answers 503 with Retry-After [LE1]', async () => {
    const { answers } = await askAll(failing(unavailable))
    for (const response of answers) {
      expect(response.status).toBe(503)
      expect(response.headers.get('retry-after')).toBe('2')
      expect(await response.text()).not.toContain('hunter2')
    }
  })

  test('in the guard answers 500 and signs nobody in [LE1]', async () => {
    const { send } = givenApi({ authenticate: broken })
    const response = await send('/v1/users/me', { headers: bearer('user') })
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('johndoe')
  })

  test('in the health check answers 500 without its cause [LE1]', async () => {
    const response = await givenApi({ checkHealth: broken }).send('/health')
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('hunter2')
  })

  test('that is not an Error answers 500 as well [LE1]', async () => {
    const { send, lines } = givenApi({ registerUser: () => Promise.reject('hunter2') })
    const response = await send('/v1/auth/register', jsonRequest('POST', REGISTRATION))
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('hunter2')
    expect(lines.map(({ event }) => event)).toEqual(['request.fault', 'request'])
  })
})
