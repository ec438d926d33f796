import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import { cacheable, ONE_HOUR } from '../edge/entity-tags.ts'
import type { Operations } from '../openapi/operation.ts'
import { DOCS_SCRIPT, DOCS_STYLES } from './docs-page.ts'

// The page styles its own elements, and asks only this service.
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Authentication service</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="stylesheet" href="/docs/contrast.css">
<div id="docs"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</html>
`
const require = createRequire(import.meta.url)

/** The API's document, and a page that shows it with nothing fetched from elsewhere. */
export const docsRoutes = (apiDocument: object) => {
  const openapi = JSON.stringify(apiDocument)
  const styles = makeAsset(require.resolve('swagger-ui-dist/swagger-ui.css'))
  const bundle = makeAsset(require.resolve('swagger-ui-dist/swagger-ui-bundle.js'))
  const script = (request: Request, content: string) =>
    cacheable(request, content, 'text/javascript; charset=utf-8', ONE_HOUR)
  return new Elysia()
    .get('/openapi.json', ({ request }) =>
      cacheable(request, openapi, 'application/json', 'no-cache'),
    )
    .get('/docs', ({ request }) => {
      const page = cacheable(request, PAGE, 'text/html; charset=utf-8', 'no-cache')
      page.headers.set('content-security-policy', POLICY)
      return page
    })
    .get('/docs/start.js', ({ request }) => script(request, DOCS_SCRIPT))
    .get('/docs/contrast.css', ({ request }) =>
      cacheable(request, DOCS_STYLES, 'text/css; charset=utf-8', ONE_HOUR),
    )
    .get('/docs/swagger-ui-bundle.js', async ({ request }) => script(request, await bundle()))
    .get('/docs/swagger-ui.css', async ({ request }) =>
      cacheable(request, await styles(), 'text/css; charset=utf-8', ONE_HOUR),
    )
}

/** Read once, when first asked for. */
const makeAsset = (path: string): (() => Promise<string>) => {
  let content: Promise<string> | undefined
  return () => {
    content ??= readFile(path, 'utf8')
    return content
  }
}

/** What the OpenAPI document says about these routes. The page itself is for people and not described. */
export const DOCS_OPERATIONS = {
  'GET /openapi.json': {
    id: 'readApiDocument',
    tag: 'Service',
    summary: 'Get this document',
    description: 'In production the document is served only when the setting DOCS is true.',
    answers: {
      200: {
        description: 'An OpenAPI 3.1 document',
        schema: Type.Object({}, { additionalProperties: true }),
        headers: ['ETag'],
      },
      304: { description: 'The client has the current version already', headers: ['ETag'] },
    },
  },
} as const satisfies Operations
