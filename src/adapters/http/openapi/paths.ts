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
  tags: [operation.tag],
  summary: operation.summary,
  ...(operation.description === undefined ? {} : { description: operation.description }),
  ...(operation.caller === undefined ? {} : { security: SECURITY[operation.caller] }),
  ...(operation.parameters === undefined
    ? {}
    : { parameters: operation.parameters.map(describeParameter) }),
  ...(operation.body === undefined ? {} : { requestBody: requestBody(operation, operation.body) }),
  responses: { ...problemResponses(operation), ...answerResponses(operation), default: OTHERWISE },
})

const SECURITY = { required: [{ bearer: [] }], optional: [{}, { bearer: [] }] }

const describeParameter = (parameter: Parameter): object => ({
  ...parameter,
  required: parameter.in === 'path' || parameter.required === true,
  schema: reference(parameter.schema),
})

const requestBody = ({ bodyMayBeLeftOut }: Operation, body: TSchema): object => ({
  required: bodyMayBeLeftOut !== true,
  content: { 'application/json': { schema: reference(body) } },
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

const problemResponses = (operation: Operation): Record<string, object> => {
  const codes = new Set<ProblemCode>([...impliedProblems(operation), ...(operation.problems ?? [])])
  const placed = [
    ...[...codes].map((code) => ({ code, status: Number(PROBLEMS[code].status) })),
    ...(operation.refusesQuery ? [{ code: 'invalid-request', status: 400 } as const] : []),
  ]
  const statuses = new Set(placed.map(({ status }) => status))
  return Object.fromEntries(
    [...statuses].map((status) => [
      status,
      problemResponse(
        status,
        placed.filter((each) => each.status === status).map(({ code }) => code),
      ),
    ]),
  )
}

const impliedProblems = ({ body, caller }: Operation): readonly ProblemCode[] => [
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

const problemResponse = (status: number, codes: readonly ProblemCode[]): object => {
  const names = ['X-Trace-Id', PROBLEM_HEADERS[status]].filter((name) => name !== undefined)
  return {
    description: codes.map((code) => `\`${code}\`: ${PROBLEMS[code].meaning}`).join('\n\n'),
    headers: Object.fromEntries(
      names.map((name) => [name, { $ref: `#/components/headers/${name}` }]),
    ),
    content: { 'application/problem+json': { schema: problemSchema(codes) } },
  }
}

const problemSchema = (codes: readonly ProblemCode[]): object => ({
  allOf: [{ $ref: '#/components/schemas/Problem' }, { properties: { code: { enum: codes } } }],
})

const OTHERWISE = {
  description: 'Any other problem',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
}
