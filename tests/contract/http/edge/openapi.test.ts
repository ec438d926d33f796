import { describe, expect, test } from 'bun:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { apiDocument, OPERATIONS } from '../../../../src/adapters/http/api-document.ts'
import { PROBLEMS } from '../../../../src/adapters/http/problems/problems.ts'
import type { Api } from '../given-api.ts'
import { bearer, givenApi, jsonRequest, LEDGER_PAGE, REGISTRATION } from '../given-api.ts'
import type { RouteName } from '../given-routes.ts'
import { BODIES, JSON_TYPE, pathOf, routesOf, sendTo } from '../given-routes.ts'

const DOCUMENT = JSON.parse(JSON.stringify(apiDocument()))

const ajv = new Ajv2020({ strict: false, allErrors: true })
addFormats(ajv)
ajv.addSchema(DOCUMENT, 'openapi.json')

/** Validates against the place of the document that this JSON pointer leads to. */
const problemsAt = (segments: readonly string[], value: unknown): string => {
  const pointer = segments
    .map((each) => encodeURIComponent(each.replaceAll('~', '~0').replaceAll('/', '~1')))
    .join('/')
  ajv.validate(`openapi.json#/${pointer}`, value)
  return ajv.errorsText()
}

const templateInDocument = ({ template }: RouteName) => template.replace(/:(\w+)/g, '{$1}')

/** What is wrong with an answer by the document; empty when nothing is. */
const disagreement = async (route: RouteName, response: Response): Promise<string> => {
  const place = ['paths', templateInDocument(route), route.method.toLowerCase(), 'responses']
  const status = String(response.status)
  const inPlace = place.reduce((node, key) => node?.[key], DOCUMENT)?.[status]
  // Operations share their problems by reference.
  const shared: string[] | undefined = inPlace?.$ref?.slice(2).split('/')
  const documented = shared?.reduce((node, key) => node?.[key], DOCUMENT) ?? inPlace
  if (documented === undefined) return `${route.name} does not document ${status}`
  const type = response.headers.get('content-type')
  if (documented.content === undefined) return type === null ? '' : `${route.name} has a body`
  if (type === null || documented.content[type] === undefined)
    return `${route.name} does not document ${status} ${type}`
  const body = type.includes('json') ? await response.json() : await response.text()
  const answer = shared ?? [...place, status]
  const codes = documented['x-problem-codes']
  if (type === 'application/problem+json' && codes?.includes(Object(body).code) === false)
    return `${route.name} does not document ${status} ${Object(body).code}`
  const problems = problemsAt([...answer, 'content', type, 'schema'], body)
  return problems === 'No errors' ? '' : `${route.name} ${status}: ${problems}`
}

const documentedRoutes = (api: Api) => routesOf(api).filter(({ name }) => name in OPERATIONS)

const sendValid = (api: Api, route: RouteName) => {
  const body = BODIES[route.name]
  return sendTo(
    api,
    route,
    body === undefined ? {} : { body: JSON.stringify(body), headers: JSON_TYPE },
  )
}

describe('docs/openapi.json', () => {
  test('is what the routes say now', async () => {
    const file = Bun.file(new URL('../../../../docs/openapi.json', import.meta.url))
    expect(await file.json()).toEqual(DOCUMENT)
  })

  test('is what the service serves', async () => {
    expect(await (await givenApi().send('/openapi.json')).json()).toEqual(DOCUMENT)
  })

  test('describes every route but pages for people, and no other', () => {
    const names = routesOf(givenApi()).map(({ name }) => name)
    const pages = names.filter((name) => /^GET \/(?:docs.*|problems)?$/.test(name))
    expect(Object.keys(OPERATIONS).toSorted()).toEqual(
      names.filter((name) => !pages.includes(name)).toSorted(),
    )
  })

  test('describes each problem code, but the one of a method that no route has', () => {
    const text = JSON.stringify(DOCUMENT)
    const missing = Object.keys(PROBLEMS).filter((code) => !text.includes(`"${code}"`))
    expect(missing).toEqual(['method-not-allowed'])
  })

  const operations = Object.values<object>(DOCUMENT.paths).flatMap((methods) =>
    Object.values<Record<string, unknown>>(Object(methods)),
  )

  test('names each operation once, as a function is named', () => {
    const names = operations.map(({ operationId }) => String(operationId))
    for (const name of names) expect(name).toMatch(/^[a-z][A-Za-z0-9]+$/)
    expect(new Set(names).size).toBe(names.length)
  })

  test('says of each operation who may call it, and of a public one that anybody may', () => {
    for (const { operationId, security } of operations)
      expect([operationId, Array.isArray(security)]).toEqual([operationId, true])
    const isPublic = ({ security }: (typeof operations)[number]) =>
      Array.isArray(security) && security.length === 0
    const names = Object.entries(OPERATIONS)
      .filter(([, { caller }]) => caller === undefined)
      .map(([, { id }]) => id)
    expect(operations.filter(isPublic).map(({ operationId }) => operationId)).toEqual(names)
  })

  test('has each problem once, by reference', () => {
    const text = JSON.stringify(DOCUMENT.paths)
    expect(text).not.toContain('application/problem+json')
    for (const { responses } of operations)
      expect(Object(responses).default.$ref).toBe('#/components/responses/AnyProblem')
  })

  test('has an example for each body, which the body accepts', () => {
    for (const [path, methods] of Object.entries<object>(DOCUMENT.paths))
      for (const [method, { requestBody }] of Object.entries<Record<string, unknown>>(
        Object(methods),
      )) {
        if (requestBody === undefined) continue
        const { example } = Object(requestBody).content['application/json']
        expect([path, typeof example]).toEqual([path, 'object'])
        const place = [
          'paths',
          path,
          method,
          'requestBody',
          'content',
          'application/json',
          'schema',
        ]
        expect([path, problemsAt(place, example)]).toEqual([path, 'No errors'])
      }
  })

  test('asks for a bearer on the routes with a guard, and on no other', async () => {
    const api = givenApi()
    for (const route of documentedRoutes(api)) {
      const asked = OPERATIONS[route.name]?.caller === 'required'
      const response = await api.send(pathOf(route), { method: route.method })
      expect([route.name, response.status === 401]).toEqual([route.name, asked])
    }
  })
})

describe('the answer of each route', () => {
  const agree = async (api: Api, send: (route: RouteName) => Promise<Response>) => {
    for (const route of documentedRoutes(api))
      expect(await disagreement(route, await send(route))).toBe('')
  }

  test('to a good request is as documented [FZ7]', async () => {
    const api = givenApi({ readLedger: async () => LEDGER_PAGE })
    await agree(api, (route) => sendValid(api, route))
  })

  test('to a caller who is not signed in is as documented [FZ7]', async () => {
    const api = givenApi()
    await agree(api, (route) => api.send(pathOf(route), { method: route.method }))
  })

  test('to a body of the wrong shape is as documented [FZ7]', async () => {
    const api = givenApi()
    for (const route of documentedRoutes(api).filter(({ name }) => name in BODIES))
      for (const body of ['{"unknown":1}', '[]', '{', `"${'a'.repeat(20_000)}"`]) {
        const response = await sendTo(api, route, { body, headers: JSON_TYPE })
        expect(response.status).toBeGreaterThanOrEqual(400)
        expect(await disagreement(route, response)).toBe('')
      }
  })

  test('on a fault is as documented [FZ7]', async () => {
    const fault = async () => {
      throw new Error('broken')
    }
    const api = givenApi({ readProfile: fault, registerUser: fault })
    const routes = documentedRoutes(api)
    const named = (name: string) => routes.filter((route) => route.name === name)
    const [me] = named('GET /v1/users/me')
    const [register] = named('POST /v1/auth/register')
    if (me === undefined || register === undefined) throw new Error('a route is gone')
    const read = await api.send('/v1/users/me', { headers: bearer('user') })
    expect(await disagreement(me, read)).toBe('')
    const made = await api.send('/v1/auth/register', jsonRequest('POST', REGISTRATION))
    expect(await disagreement(register, made)).toBe('')
  })

  test('that is not as documented is noticed', async () => {
    const api = givenApi()
    const [me] = documentedRoutes(api).filter(({ name }) => name === 'GET /v1/users/me')
    if (me === undefined) throw new Error('the route is gone')
    const wrong = (body: unknown, status = 200) => disagreement(me, Response.json(body, { status }))
    expect(await wrong({ passwordHash: 'x' })).not.toBe('')
    expect(await wrong({}, 418)).not.toBe('')
    const headers = { 'content-type': 'application/problem+json' }
    const problem = { type: '/problems/last-admin', title: 'x', status: 403, detail: 'x' }
    const other = { ...problem, code: 'last-admin', traceId: 'a'.repeat(32) }
    expect(await disagreement(me, Response.json(other, { status: 401, headers }))).toContain(
      'does not document 401 last-admin',
    )
  })
})
