import type { Operations } from './operation.ts'
import { describePaths } from './paths.ts'
import { describeShapes } from './shapes.ts'

/** The OpenAPI 3.1 document of the public API, made of the schemas that the routes check with. */
export const openApiDocument = (operations: Operations): object => ({
  openapi: '3.1.0',
  info: {
    title: 'Authentication service',
    version: '1',
    description: [
      'Accounts, sessions and tokens. Bodies are JSON in UTF-8 of at most 16 KiB; unknown fields are refused, and of a',
      'name given twice the last counts. Errors are `application/problem+json` (RFC 9457); their codes are contract.',
    ].join(' '),
    license: { name: 'MIT', identifier: 'MIT' },
  },
  servers: [{ url: '/' }],
  tags: [...new Set(Object.values(operations).map(({ tag }) => tag))].map((name) => ({ name })),
  paths: describePaths(operations),
  components: {
    securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    schemas: describeShapes(operations),
    headers: {
      'X-Trace-Id': { description: 'The W3C trace id of the request', schema: { type: 'string' } },
      'Retry-After': { description: 'Seconds', schema: { type: 'integer', minimum: 1 } },
      'WWW-Authenticate': { description: 'RFC 6750 §3', schema: { type: 'string' } },
    },
  },
})
