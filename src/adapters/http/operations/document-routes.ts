import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import { refuse } from '../edge/answers.ts'
import { cacheable, FIVE_MINUTES, ONE_HOUR } from '../edge/entity-tags.ts'
import type { ProblemPage } from '../edge/exchange.ts'
import { acceptsHtml, exchangeOf } from '../edge/exchange.ts'
import type { Operations } from '../openapi/operation.ts'
import { inPath } from '../openapi/operation.ts'
import { problemPage, problemsPage } from '../problems/problem-pages.ts'
import { htmlPage, inHtml, PAGE_HEADERS } from '../shared/page.ts'

export type DocumentNeeds = {
  /** The public keys as a JWK set (RFC 7517 §5). */
  readonly jwks: () => object
  /** The published event schemas by version: `v1`, `v2`. */
  readonly schemas: Readonly<Record<string, object>>
  readonly settings: {
    readonly issuer: string
    readonly publicUrl: string
    /** Whether /docs and /openapi.json are served. */
    readonly docs: boolean
  }
}

/** What machines and readers fetch without an account: keys, metadata, schemas, problem pages. */
export const documentRoutes = ({ jwks, schemas, settings }: DocumentNeeds) =>
  new Elysia()
    .get('/.well-known/jwks.json', ({ request }) =>
      cacheable(request, JSON.stringify(jwks()), 'application/jwk-set+json', FIVE_MINUTES),
    )
    .get('/.well-known/oauth-authorization-server', ({ request }) =>
      cacheable(request, JSON.stringify(serverMetadata(settings)), 'application/json', ONE_HOUR),
    )
    .get('/', ({ request }) => page(request, firstPage(settings.docs)))
    .get('/problems', ({ request }) => page(request, problemsPage()))
    .get('/problems/:code', ({ params, request }) => {
      const known = problemPage(params.code)
      if (known !== null) return page(request, known)
      if (acceptsHtml(request)) exchangeOf(request).page = unknownProblemPage
      return refuse(request, { code: 'not-found' })
    })
    .use(schemaRoutes(schemas))

/** A page that caches may keep. */
const page = (request: Request, content: string): Response => {
  const response = cacheable(request, content, PAGE_HEADERS['content-type'], ONE_HOUR)
  response.headers.set('content-security-policy', PAGE_HEADERS['content-security-policy'])
  return response
}

const unknownProblemPage: ProblemPage = ({ title, meaning, remedy }) =>
  htmlPage(
    title,
    `<p>${inHtml(meaning)}</p>
<p>${inHtml(remedy)}</p>
<p><a href="/problems">All problems</a></p>`,
  )

/** What somebody finds who opens the address of the service in a browser. */
const firstPage = (hasDocs: boolean): string => {
  const links = [
    ...(hasDocs
      ? [
          ['/docs', 'every request, with a form to try it'],
          ['/openapi.json', 'the same as an OpenAPI document'],
        ]
      : []),
    ['/problems', 'the errors, and what a client does about each'],
    ['/health', 'whether the service and its servers work'],
    ['/.well-known/jwks.json', 'the keys that verify access tokens'],
    ['/schemas/user-events/v2.json', 'the schema of the user events'],
  ]
  return htmlPage(
    'This service signs people in',
    `<p>It has no pages of its own to sign in on: apps and web pages ask it over HTTP.</p>
<table>
${links.map(([path, text]) => `<tr><td><a href="${path}">${path}</a></td><td>${text}</td></tr>`).join('\n')}
</table>`,
  )
}

const schemaRoutes = (schemas: DocumentNeeds['schemas']) => {
  const routes = new Elysia()
  for (const [version, schema] of Object.entries(schemas)) {
    const content = JSON.stringify(schema)
    routes.get(`/schemas/user-events/${version}.json`, ({ request }) =>
      cacheable(request, content, 'application/schema+json', ONE_HOUR),
    )
  }
  return routes
}

/** RFC 8414, as far as there is something to say: no grant of OAuth is open to others. */
const serverMetadata = ({ issuer, publicUrl }: DocumentNeeds['settings']) => ({
  issuer,
  jwks_uri: `${publicUrl}/.well-known/jwks.json`,
  response_types_supported: [],
  grant_types_supported: [],
})

const Document = Type.Object({}, { additionalProperties: true })
const NOT_MODIFIED = {
  description: 'The client has the current version already',
  headers: ['ETag'],
} as const

/** What the OpenAPI document says about these routes. */
export const DOCUMENT_OPERATIONS = {
  'GET /.well-known/jwks.json': {
    id: 'readKeySet',
    tag: 'Service',
    summary: 'Get the public keys that verify access tokens',
    answers: {
      200: {
        description: 'A JWK set (RFC 7517)',
        schema: Type.Object({ keys: Type.Array(Document) }, { additionalProperties: false }),
        mediaType: 'application/jwk-set+json',
        headers: ['ETag'],
      },
      304: NOT_MODIFIED,
    },
  },
  'GET /.well-known/oauth-authorization-server': {
    id: 'readServerMetadata',
    tag: 'Service',
    summary: 'Get the issuer of tokens and the address of its keys, for resource servers',
    answers: {
      200: { description: 'Metadata (RFC 8414)', schema: Document, headers: ['ETag'] },
      304: NOT_MODIFIED,
    },
  },
  'GET /schemas/user-events/v1.json': {
    id: 'readEventSchemaV1',
    tag: 'Service',
    summary: 'Get the JSON Schema of version 1 of the user events',
    answers: {
      200: {
        description: 'A JSON Schema',
        schema: Document,
        mediaType: 'application/schema+json',
        headers: ['ETag'],
      },
      304: NOT_MODIFIED,
    },
  },
  'GET /schemas/user-events/v2.json': {
    id: 'readEventSchemaV2',
    tag: 'Service',
    summary: 'Get the JSON Schema of version 2 of the user events',
    answers: {
      200: {
        description: 'A JSON Schema',
        schema: Document,
        mediaType: 'application/schema+json',
        headers: ['ETag'],
      },
      304: NOT_MODIFIED,
    },
  },
  'GET /problems/:code': {
    id: 'explainProblem',
    tag: 'Service',
    summary: 'Explain a problem code to people',
    parameters: [
      inPath('code', 'A problem code', { pattern: '^[a-z]+(-[a-z]+)*$', example: 'not-found' }),
    ],
    answers: {
      200: {
        description: 'An HTML page',
        schema: Type.String(),
        mediaType: 'text/html; charset=utf-8',
        headers: ['ETag'],
      },
      304: NOT_MODIFIED,
    },
    problems: ['not-found'],
  },
} as const satisfies Operations
