import { Elysia } from 'elysia'
import { refuse } from '../edge/answers.ts'
import { cacheable, FIVE_MINUTES, ONE_HOUR } from '../edge/cacheable.ts'
import type { PublicApiNeeds } from '../needs.ts'
import { problemPage } from '../problems/problem-pages.ts'

type Needs = Pick<PublicApiNeeds, 'jwks' | 'schemas'> & {
  readonly settings: { readonly issuer: string; readonly publicUrl: string }
}

/** What machines and readers fetch without an account: keys, metadata, schemas, problem pages. */
export const documentRoutes = ({ jwks, schemas, settings }: Needs) =>
  new Elysia()
    .get('/.well-known/jwks.json', ({ request }) =>
      cacheable(request, JSON.stringify(jwks()), 'application/jwk-set+json', FIVE_MINUTES),
    )
    .get('/.well-known/oauth-authorization-server', ({ request }) =>
      cacheable(request, JSON.stringify(serverMetadata(settings)), 'application/json', ONE_HOUR),
    )
    .get('/problems/:code', ({ params, request }) => {
      const page = problemPage(params.code)
      return page === null
        ? refuse(request, { code: 'not-found' })
        : cacheable(request, page, 'text/html; charset=utf-8', ONE_HOUR)
    })
    .use(schemaRoutes(schemas))

const schemaRoutes = (schemas: Needs['schemas']) => {
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
const serverMetadata = ({ issuer, publicUrl }: Needs['settings']) => ({
  issuer,
  jwks_uri: `${publicUrl}/.well-known/jwks.json`,
  response_types_supported: [],
  grant_types_supported: [],
})
