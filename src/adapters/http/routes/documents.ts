import { Elysia } from 'elysia'
import { refuse } from '../answers.ts'
import { contentTag, isKnown } from '../entity-tags.ts'
import type { PublicApiNeeds } from '../needs.ts'
import { problemPage } from '../problem-pages.ts'

type Needs = Pick<PublicApiNeeds, 'jwks' | 'schemas'> & {
  readonly settings: { readonly issuer: string; readonly publicUrl: string }
}

const FIVE_MINUTES = 'public, max-age=300'
const ONE_HOUR = 'public, max-age=3600'

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

const schemaRoutes = (schemas: Needs['schemas']) =>
  new Elysia().get('/schemas/user-events/:file', ({ params, request }) => {
    const [, schema] =
      Object.entries(schemas).find(([version]) => `${version}.json` === params.file) ?? []
    return schema === undefined
      ? refuse(request, { code: 'not-found' })
      : cacheable(request, JSON.stringify(schema), 'application/schema+json', ONE_HOUR)
  })

/** RFC 8414, as far as there is something to say: nobody asks for tokens here on behalf of others. */
const serverMetadata = ({ issuer, publicUrl }: Needs['settings']) => ({
  issuer,
  jwks_uri: `${publicUrl}/.well-known/jwks.json`,
  response_types_supported: [],
  grant_types_supported: [],
})

const cacheable = (
  request: Request,
  content: string,
  type: string,
  cacheControl: string,
): Response => {
  const tag = contentTag(content)
  const headers = { etag: tag, 'cache-control': cacheControl }
  return isKnown(request, tag)
    ? new Response(null, { status: 304, headers })
    : new Response(content, { headers: { 'content-type': type, ...headers } })
}
