import type { TSchema } from '@sinclair/typebox'
import type { ProblemCode } from '../problems/problems.ts'
import { PROBLEMS } from '../problems/problems.ts'
import type { Answer, HeaderName, Operation, Operations, Parameter } from './operation.ts'
import { reference } from './shapes.ts'

const HEADERS: Readonly<Record<HeaderName, string>> = {
  ETag: 'The entity tag, for use in If-Match and If-None-Match',
  'Set-Cookie':
    'The refresh token when `refreshTransport` is `cookie`, or the cookie that binds a sign-in to its browser',
  Location: 'The address that the browser opens next',
}

/** The `paths` object. */
export const describePaths = (operations: Operations): Record<string, Record<string, object>> => {
  const byPath: Record<string, Record<string, object>> = {}
  for (const [key, operation] of Object.entries(operations)) {
    const [method = '', template = ''] = key.split(' ')
    const path = template.replace(/:(\w+)/g, '{$1}')
    byPath[path] = { ...byPath[path], [method.toLowerCase()]: describe(operation) }
  }
  return byPath
}

const describe = (operation: Operation): object => ({
  operationId: operation.id,
  tags: [operation.tag],
  summary: operation.summary,
  ...(operation.description === undefined ? {} : { description: operation.description }),
  security: SECURITY[operation.caller ?? 'none'],
  ...(operation.parameters === undefined
    ? {}
    : { parameters: operation.parameters.map(describeParameter) }),
  ...(operation.body === undefined ? {} : { requestBody: requestBody(operation, operation.body) }),
  responses: { ...problemReferences(operation), ...answerResponses(operation), default: OTHERWISE },
})

const SECURITY = { required: [{ bearer: [] }], optional: [{}, { bearer: [] }], none: [] }

const describeParameter = (parameter: Parameter): object => ({
  ...parameter,
  required: parameter.in === 'path' || parameter.required === true,
  schema: reference(parameter.schema),
})

const requestBody = ({ bodyMayBeLeftOut, example }: Operation, body: TSchema): object => ({
  required: bodyMayBeLeftOut !== true,
  content: { 'application/json': { schema: reference(body), example } },
})

const answerResponses = ({ answers }: Operation): Record<string, object> =>
  Object.fromEntries(
    Object.entries(answers).map(([status, answer]) => [status, describeAnswer(answer)]),
  )

const describeAnswer = ({ description, schema, mediaType, headers = [] }: Answer): object => ({
  description,
  headers: {
    'X-Trace-Id': { $ref: '#/components/headers/X-Trace-Id' },
    ...Object.fromEntries(
      headers.map((name) => [name, { description: HEADERS[name], schema: { type: 'string' } }]),
    ),
  },
  ...(schema === undefined
    ? {}
    : { content: { [mediaType ?? 'application/json']: { schema: reference(schema) } } }),
})

/** The problems that one status of one operation may have. Operations with the same ones share a response. */
type Problems = { readonly status: number; readonly codes: readonly ProblemCode[] }

const problemsOf = (operation: Operation): readonly Problems[] => {
  const codes = new Set<ProblemCode>([...impliedProblems(operation), ...(operation.problems ?? [])])
  const placed = [
    ...[...codes].map((code) => ({ code, status: Number(PROBLEMS[code].status) })),
    ...(operation.refusesQuery ? [{ code: 'invalid-request', status: 400 } as const] : []),
  ]
  const statuses = [...new Set(placed.map(({ status }) => status))]
  return statuses.map((status) => ({
    status,
    codes: placed.filter((each) => each.status === status).map(({ code }) => code),
  }))
}

const problemReferences = (operation: Operation): Record<string, object> =>
  Object.fromEntries(
    problemsOf(operation).map((problems) => [
      problems.status,
      // An answer of this status that is no problem takes the place.
      { $ref: `#/components/responses/${nameOf(problems)}` },
    ]),
  )

const nameOf = ({ codes }: Problems): string => codes.map(inPascalCase).join('Or')

const inPascalCase = (code: string): string =>
  code.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase())

/** The `components.responses` object: every response with a problem that an operation refers to. */
export const describeProblems = (operations: Operations): Record<string, object> => ({
  ...Object.fromEntries(
    Object.values(operations)
      .flatMap((operation) =>
        problemsOf(operation).filter(({ status }) => operation.answers[status] === undefined),
      )
      .map((problems) => [nameOf(problems), problemResponse(problems)]),
  ),
  AnyProblem: {
    description: 'Any other problem',
    content: { 'application/problem+json': { schema: PROBLEM } },
  },
})

/** The `components.examples` object: one for each problem code that an operation may answer. */
export const describeProblemExamples = (operations: Operations): Record<string, object> => {
  const codes = new Set(
    Object.values(operations)
      .flatMap(problemsOf)
      .flatMap(({ codes }) => codes),
  )
  return Object.fromEntries(
    [...codes].map((code) => {
      const { title, status, meaning } = PROBLEMS[code]
      const value = { type: `/problems/${code}`, title, status, code, detail: meaning, traceId }
      return [code, { summary: title, value }]
    }),
  )
}

const traceId = '0af7651916cd43dd8448eb211c80319c'

const impliedProblems = ({ body, caller }: Operation): readonly ProblemCode[] => [
  'invalid-host',
  'internal-error',
  'unavailable',
  ...(body === undefined ? [] : BODY_PROBLEMS),
  ...(caller === 'required' ? CALLER_PROBLEMS : []),
]

const BODY_PROBLEMS = [
  'invalid-json',
  'request-timeout',
  'content-too-large',
  'unsupported-media-type',
  'invalid-request',
] as const satisfies readonly ProblemCode[]
const CALLER_PROBLEMS = [
  'unauthenticated',
  'invalid-token',
] as const satisfies readonly ProblemCode[]

const PROBLEM_HEADERS: Readonly<Record<number, string>> = {
  401: 'WWW-Authenticate',
  409: 'Retry-After',
  429: 'Retry-After',
  503: 'Retry-After',
}

const problemResponse = ({ status, codes }: Problems): object => {
  const names = ['X-Trace-Id', PROBLEM_HEADERS[status]].filter((name) => name !== undefined)
  const examples = codes.filter((code) => PROBLEMS[code].status === status)
  return {
    description: codes.map((code) => `\`${code}\`: ${PROBLEMS[code].meaning}`).join('\n\n'),
    headers: Object.fromEntries(
      names.map((name) => [name, { $ref: `#/components/headers/${name}` }]),
    ),
    // An enumeration would give each response a class of its own in generated clients.
    'x-problem-codes': codes,
    content: {
      'application/problem+json': {
        schema: PROBLEM,
        examples: Object.fromEntries(
          examples.map((code) => [code, { $ref: `#/components/examples/${code}` }]),
        ),
      },
    },
  }
}

const PROBLEM = { $ref: '#/components/schemas/Problem' }

const OTHERWISE = { $ref: '#/components/responses/AnyProblem' }
