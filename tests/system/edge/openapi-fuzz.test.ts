import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { Arbitrary } from 'fast-check'
import fc from 'fast-check'
import { PASSWORD } from '../../support/builders/accounts/given-users.ts'
import { register, signIn } from '../../support/builders/http/given-http.ts'
import type { ListedRoute, Schema } from '../../support/builders/http/listed-routes.ts'
import {
  listedRoutes,
  openApi,
  pathOf,
  resolved,
} from '../../support/builders/http/listed-routes.ts'
import { startPreparedService } from '../../support/processes/service/prepared-data.ts'
import type { Service } from '../../support/processes/service/start-service.ts'
import { runCommand } from '../../support/processes/service/start-service.ts'
import { isLongRun } from '../../support/processes/test-run/test-run.ts'

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.string({ unit: 'grapheme-ascii', maxLength: 200 }),
)

/** Texts of each kind that a route knows, beside any text at all: without them nothing would get past the first check. */
const LIKELY: Readonly<Record<string, Arbitrary<string>>> = {
  email: fc.emailAddress(),
  password: fc.stringMatching(/^[ -~]{12,40}$/),
  newPassword: fc.stringMatching(/^[ -~]{12,40}$/),
}

/** Texts so narrow that chance would hardly ever meet them. */
const NARROW: Readonly<Record<string, Arbitrary<string>>> = {
  username: fc.stringMatching(/^[a-zé][a-z0-9]{5,20}$/),
  avatar: fc.webUrl({ validSchemes: ['https'] }),
  codeVerifier: fc.stringMatching(/^[A-Za-z0-9._~-]{43,128}$/),
  codeChallenge: fc.stringMatching(/^[A-Za-z0-9_-]{43}$/),
  state: fc.stringMatching(/^[!-~]{1,512}$/),
}

/** Values that the schema accepts. Throws for a schema that it does not understand, so that none goes untried. */
const arbitraryOf = (given: Schema, name = ''): Arbitrary<unknown> => {
  const schema = resolved(given)
  if ('const' in schema) return fc.constant(schema.const)
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map((each: Schema) => arbitraryOf(each, name)))
  if (schema.type === 'null') return fc.constant(null)
  if (schema.type === 'string') return textOf(schema, name)
  if (schema.type === 'boolean') return fc.boolean()
  if (schema.type === 'integer')
    return fc.integer({ min: schema.minimum ?? -1000, max: schema.maximum ?? 1000 })
  if (schema.type === 'array')
    return fc.array(arbitraryOf(schema.items), { minLength: schema.minItems ?? 0, maxLength: 5 })
  if (schema.type === 'object') return objectOf(schema)
  throw new Error(`nothing makes values of ${JSON.stringify(schema)}`)
}

const textOf = (schema: Schema, name: string): Arbitrary<string> => {
  const narrow = NARROW[name]
  if (narrow !== undefined) return narrow
  if (schema.enum) return fc.constantFrom(...(schema.enum as string[]))
  // Chance would hardly ever meet a pattern that is more than a few forbidden characters.
  if (schema.pattern?.startsWith('^[^') === false)
    return fc.stringMatching(new RegExp(schema.pattern))
  const { pattern = '', minLength = 0, maxLength = Infinity } = schema
  const accepted = new RegExp(pattern, 'u')
  const isAccepted = (text: string) =>
    accepted.test(text) && [...text].length >= minLength && [...text].length <= maxLength
  const likely = LIKELY[name]
  const texts = anyText.filter(isAccepted)
  return likely === undefined ? texts : fc.oneof({ weight: 3, arbitrary: likely }, texts)
}

const objectOf = ({ properties, required = [] }: Schema): Arbitrary<unknown> =>
  fc.record(
    Object.fromEntries(
      Object.entries<Schema>(properties).map(([name, schema]) => [name, arbitraryOf(schema, name)]),
    ),
    { requiredKeys: required },
  )

/** Values that the schema of an object refuses: another type, a member too many, too few, or of a wrong type. */
const refusedBy = (schema: Schema): Arbitrary<unknown> => {
  const names: string[] = Object.keys(schema.properties)
  const wrong = fc.oneof(fc.integer(), fc.boolean(), fc.array(fc.anything()), fc.object())
  const broken = [
    fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.constant(null), fc.array(fc.jsonValue())),
    fc
      .tuple(arbitraryOf(schema), fc.string(), fc.jsonValue())
      .filter(([, name]) => !names.includes(name))
      .map(([body, name, value]) => merged(body, name, value)),
    fc
      .tuple(arbitraryOf(schema), fc.constantFrom(...names), wrong)
      .filter(([, name, value]) => !isOfType(schema.properties[name], value))
      .map(([body, name, value]) => merged(body, name, value)),
  ]
  const required: string[] = schema.required ?? []
  if (required.length > 0)
    broken.push(
      fc
        .tuple(arbitraryOf(schema), fc.constantFrom(...required))
        .map(([body, name]) => merged(body, name, undefined)),
    )
  return fc.oneof(...broken)
}

const isOfType = (schema: Schema, value: unknown): boolean => {
  const { type } = resolved(schema)
  if (type === 'array') return Array.isArray(value)
  return type === 'integer' ? Number.isInteger(value) : typeof value === type
}

const merged = (body: unknown, name: string, value: unknown): unknown =>
  typeof body === 'object'
    ? Object.fromEntries([...Object.entries(body ?? {}), [name, value]])
    : body

const MILLISECONDS = 180_000
/**
 * Samples for each route and question. Something that is wrong with 1 sample of 10 is missed by 1 in 13 questions of the short
 * form, and by none of the long one, which finds something wrong with 1 sample of 100 in 497 of 500 questions.
 */
const SHORT_RUNS = 25
const RUNS = isLongRun ? 600 : SHORT_RUNS
const INTERRUPT_MILLISECONDS = isLongRun ? 170_000 : 20_000

let service: Service
beforeAll(async () => {
  service = await startPreparedService({ environment: { RATE_LIMITS: 'off' } })
  await runCommand(['admin', 'create', '--email', 'grace@example.com', '--username', 'grace'], {
    dataDirectory: service.dataDirectory,
    stdin: PASSWORD,
  })
}, MILLISECONDS)
afterAll(async () => {
  await service.stop()
})

const ajv = new Ajv2020({ strict: false, allErrors: true })
addFormats(ajv)
ajv.addSchema(openApi, 'document')
const pointer = (...names: readonly string[]): string =>
  names.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
const encoded = (name: string) => encodeURIComponent(name).replaceAll('%2F', '/')

/** Compiling takes longer than the request. */
const validators = new Map<string, ReturnType<typeof ajv.compile>>()
const validatorOf = (reference: string) => {
  const validate = validators.get(reference) ?? ajv.compile({ $ref: reference })
  validators.set(reference, validate)
  return validate
}

type Sent = {
  readonly path: string
  readonly headers?: Record<string, string>
  readonly body?: unknown
}
type Got = { readonly status: number; readonly type: string; readonly text: string }

const sendTo = async (
  { method }: ListedRoute,
  { path, headers = {}, body }: Sent,
): Promise<Got> => {
  const response = await fetch(`${service.url}${path}`, {
    method,
    redirect: 'manual',
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const type = response.headers.get('content-type') ?? ''
  return { status: response.status, type, text: await response.text() }
}

/** Complaints about an answer that the document does not promise. */
const undocumented = (route: ListedRoute, { status, type, text }: Got): string[] => {
  const at = `${route.method} ${route.template} ${status}`
  if (status >= 500) return [`${at}: ${text}`]
  const contents = route.answers[status]
  if (contents === undefined) return [`${at} is not documented`]
  if (Object.keys(contents).length === 0) return text === '' ? [] : [`${at} has a body`]
  if (!(type in contents)) return [`${at} is of type ${type}`]
  if (!type.includes('json')) return []
  const method = route.method.toLowerCase()
  const { $ref } = openApi.paths[route.template][method].responses[status]
  // Operations share their problems by reference.
  const answer =
    $ref?.slice(1) ?? pointer('paths', route.template, method, 'responses', String(status))
  const path = `${answer}${pointer('content', type, 'schema')}`
  const validate = validatorOf(`document#${encoded(path)}`)
  return validate(JSON.parse(text)) ? [] : [`${at}: ${ajv.errorsText(validate.errors)} in ${text}`]
}

let runs = 0
/** Every sample is sent; what was wrong with any answer is an error that shows the sample, shrunk. */
const fuzz = <T>(
  samples: fc.Arbitrary<T>,
  work: (sample: T) => Promise<string[]>,
  numRuns = RUNS,
  options: { readonly seed?: number; readonly endOnFailure?: boolean } = {},
) =>
  fc.assert(
    fc.asyncProperty(samples, async (sample) => {
      runs += 1
      const complaints = await work(sample)
      if (complaints.length > 0) throw new Error(complaints.join('\n'))
    }),
    {
      numRuns,
      interruptAfterTimeLimit: INTERRUPT_MILLISECONDS,
      markInterruptAsFailure: false,
      ...options,
    },
  )

const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.uuid(), fc.webPath())
const segment = text
  .filter((part) => part.isWellFormed() && !['', '.', '..'].includes(part))
  .map(encodeURIComponent)
/** Paths of a route with anything in its parameters, and any query. */
const pathsOf = ({ template, parameters }: ListedRoute): fc.Arbitrary<string> => {
  const named = parameters.filter((one) => one.in === 'query').map(({ name }) => name)
  const name = named.length === 0 ? text : fc.oneof(fc.constantFrom(...named), text)
  const query = fc.array(
    fc.tuple(name, fc.oneof(text, fc.integer().map(String), fc.constant('20'))),
    { maxLength: 3 },
  )
  return fc.tuple(segment, query).map(([part, pairs]) => {
    const wellFormed = pairs.map(([key, value]): [string, string] => [
      String(key).toWellFormed(),
      String(value).toWellFormed(),
    ])
    const search = new URLSearchParams(wellFormed).toString()
    return `${template.replace(/\{\w+\}/, part)}${search === '' ? '' : `?${search}`}`
  })
}

const never = (): never => {
  throw new Error('there is no such route')
}
const somebody = async () => (await register(service)).body
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const KINDS = listedRoutes.map((route) => [`${route.method} ${route.template}`, route] as const)
const WITH_BODY = KINDS.filter(([, { body }]) => body !== null)
const GUARDED = KINDS.filter(([, { isGuarded }]) => isGuarded)

describe('requests made from the document', () => {
  test.each(WITH_BODY)(
    'to %s with bodies that it accepts get documented answers [FZ7]',
    async (_, route) => {
      // Of a session of its own each time, since some of them end it or delete its owner.
      await fuzz(arbitraryOf(route.body), async (body) => {
        const headers = route.isGuarded ? bearer((await somebody()).tokens.accessToken) : {}
        return undocumented(route, await sendTo(route, { path: pathOf(route), headers, body }))
      })
    },
    MILLISECONDS,
  )

  test.each(WITH_BODY)(
    'to %s with bodies that it does not accept are refused as such [FZ7]',
    async (_, route) => {
      // Gets past every guard, to where the body is looked at.
      const { tokens } = (await signIn(service, 'grace')).body
      await fuzz(
        refusedBy(route.body).filter((body) => JSON.stringify(body) !== undefined),
        async (body) => {
          const headers = route.isGuarded ? bearer(tokens.accessToken) : {}
          const got = await sendTo(route, { path: pathOf(route), headers, body })
          const refused = [422, 413].includes(got.status)
            ? []
            : [`${got.status} for ${JSON.stringify(body)}`]
          return [...refused, ...undocumented(route, got)]
        },
        2 * RUNS,
      )
    },
    MILLISECONDS,
  )

  test.each(KINDS)(
    'to %s with any path, query and headers get documented answers [FZ7]',
    async (_, route) => {
      const { tokens } = await somebody()
      const value = fc.oneof(
        fc.stringMatching(/^[!-~]{1,40}$/),
        fc.constantFrom('*', '"1"', 'W/"1"', 'gzip', 'application/json'),
      )
      const name = fc.constantFrom(
        'if-match',
        'if-none-match',
        'idempotency-key',
        'traceparent',
        'accept',
        'accept-encoding',
        'cookie',
        'origin',
        'content-type',
        'x-forwarded-for',
        'range',
        'expect',
      )
      const headers = fc.dictionary(name, value, { maxKeys: 3 })
      await fuzz(fc.tuple(pathsOf(route), headers), async ([path, extra]) => {
        const own = route.isGuarded && route.method === 'GET' ? bearer(tokens.accessToken) : {}
        const got = await sendTo(route, { path, headers: { ...extra, ...own } })
        // A parameter that decodes to nothing names no route.
        return got.status === 404 ? [] : undocumented(route, got)
      })
    },
    MILLISECONDS,
  )

  test.each(GUARDED)(
    'to %s without a token, or with a forged one, are always refused [FZ7]',
    async (_, route) => {
      const { tokens } = await somebody()
      const genuine: string = tokens.accessToken
      const forged = fc.oneof(
        fc.constant(undefined),
        fc.stringMatching(/^[A-Za-z0-9._-]{1,200}$/),
        fc
          .integer({ min: 0, max: genuine.length - 1 })
          .map(
            (place) =>
              genuine.slice(0, place) +
              (genuine[place] === 'A' ? 'B' : 'A') +
              genuine.slice(place + 1),
          ),
        fc.constantFrom(
          tokens.refreshToken,
          `${genuine}.`,
          genuine.split('.').slice(0, 2).join('.'),
        ),
      )
      const body =
        route.body === null
          ? fc.constant(undefined)
          : fc.oneof(
              arbitraryOf(route.body),
              refusedBy(route.body).filter((one) => JSON.stringify(one) !== undefined),
            )
      await fuzz(fc.tuple(forged, body), async ([token, sent]) => {
        const got = await sendTo(route, {
          path: pathOf(route),
          headers: token === undefined ? {} : bearer(token),
          ...(sent !== undefined && { body: sent }),
        })
        return [
          ...(got.status === 401 ? [] : [`${got.status} for ${token}`]),
          ...undocumented(route, got),
        ]
      })
    },
    MILLISECONDS,
  )

  test('of the short form find a fault that is planted in the answers to bodies with an unknown member', async () => {
    const [, route] = WITH_BODY.find(([name]) => name === 'POST /v1/auth/register') ?? never()
    const known = Object.keys(route.body.properties)
    const isPlanted = (body: unknown) =>
      Object.keys(Object(body)).some((name) => typeof body === 'object' && !known.includes(name))
    const searching = fuzz(
      refusedBy(route.body).filter((body) => JSON.stringify(body) !== undefined),
      async (body) => {
        const got = await sendTo(route, { path: pathOf(route), body })
        return undocumented(route, isPlanted(body) ? { ...got, status: 418 } : got)
      },
      SHORT_RUNS,
      // The same samples in each run, so that this test never fails by chance.
      { seed: 1, endOnFailure: true },
    )
    await expect(searching).rejects.toMatchObject({
      cause: { message: expect.stringContaining('418 is not documented') },
    })
  })

  test(
    'one after another by somebody signed in, in any order, get documented answers [FZ7]',
    async () => {
      const steps = fc.array(fc.tuple(fc.constantFrom(...listedRoutes), fc.nat()), {
        minLength: 8,
        maxLength: 20,
      })
      await fuzz(steps, async (walk) => {
        const { user, tokens: first } = await somebody()
        let tokens = first
        const complaints: string[] = []
        for (const [route, seed] of walk) {
          const [made] =
            route.body === null
              ? [undefined]
              : fc.sample(arbitraryOf(route.body), { numRuns: 1, seed })
          const known = {
            identifier: user.username,
            password: PASSWORD,
            currentPassword: PASSWORD,
            refreshToken: tokens.refreshToken,
          }
          const body =
            seed % 2 === 0 || typeof made !== 'object'
              ? made
              : Object.fromEntries(
                  Object.entries(made ?? {}).map(([name, value]) => [
                    name,
                    name in known ? known[name as keyof typeof known] : value,
                  ]),
                )
          const got = await sendTo(route, {
            path: pathOf(route),
            headers: bearer(tokens.accessToken),
            ...(body !== undefined && { body }),
          })
          complaints.push(...undocumented(route, got))
          const signsIn = ['/v1/auth/refresh', '/v1/auth/login'].includes(route.template)
          if (got.status === 200 && signsIn) tokens = JSON.parse(got.text).tokens
        }
        return complaints
      })
    },
    MILLISECONDS,
  )

  test('were some thousands, and the service is still healthy after them [FZ7]', async () => {
    expect(runs).toBeGreaterThan(1500)
    const health = await (await fetch(`${service.url}/health`)).json()
    expect(health).toMatchObject({ status: 'healthy' })
    expect(({} as Record<string, unknown>)['isAdmin']).toBeUndefined()
    expect(service.logLines().filter(({ event }) => event === 'request.fault')).toEqual([])
  })
})
