import type { Operations } from './operation.ts'
import { TAGS } from './operation.ts'
import { describePaths, describeProblemExamples, describeProblems } from './paths.ts'
import { describeShapes } from './shapes.ts'

/** The OpenAPI 3.1 document of the public API, built from the schemas that the routes validate with. */
export const openApiDocument = (operations: Operations, passwordMinimum?: number): object => ({
  openapi: '3.1.0',
  info: {
    title: 'Authentication service',
    version: '1',
    description: [
      'Accounts, sessions and tokens. A body is JSON in UTF-8 of at most 16 KiB. Unknown fields are refused. If a name is',
      'given twice, the last one counts. Errors are `application/problem+json` (RFC 9457). An error code keeps its meaning, so',
      'programs may rely on it.',
    ].join(' '),
    license: { name: 'MIT', identifier: 'MIT' },
  },
  servers: [{ url: '/' }],
  tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
  paths: describePaths(operations),
  components: {
    securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    schemas: withPasswordMinimum(describeShapes(operations), passwordMinimum),
    responses: describeProblems(operations),
    examples: describeProblemExamples(operations),
    headers: {
      'X-Trace-Id': { description: 'The W3C trace id of the request', schema: { type: 'string' } },
      'Retry-After': { description: 'Seconds to wait', schema: { type: 'integer', minimum: 1 } },
      'WWW-Authenticate': {
        description: 'The authentication that is needed (RFC 6750 §3)',
        schema: { type: 'string' },
      },
    },
  },
})

/** The schema `NewPassword` has the default of the service. An installation may have set another length. */
const withPasswordMinimum = (
  { NewPassword, ...shapes }: Record<string, unknown>,
  minLength: number | undefined,
): object => ({
  ...shapes,
  ...(NewPassword !== undefined && {
    NewPassword: { ...Object(NewPassword), ...(minLength !== undefined && { minLength }) },
  }),
})
