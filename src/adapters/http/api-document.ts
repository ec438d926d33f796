import { ACCOUNT_OPERATIONS } from './accounts/account-routes.ts'
import { DEAD_LETTER_OPERATIONS } from './events/dead-letter-routes.ts'
import { EVENT_OPERATIONS } from './events/event-routes.ts'
import { SYNC_OPERATIONS } from './migration/sync-routes.ts'
import { IDENTITY_OPERATIONS } from './oauth/identity-routes.ts'
import { OAUTH_OPERATIONS } from './oauth/oauth-routes.ts'
import { openApiDocument } from './openapi/document.ts'
import type { Operations } from './openapi/operation.ts'
import { DOCS_OPERATIONS } from './operations/docs-routes.ts'
import { DOCUMENT_OPERATIONS } from './operations/document-routes.ts'
import { HEALTH_OPERATIONS } from './operations/health-routes.ts'
import { PASSWORD_OPERATIONS } from './passwords/password-routes.ts'
import { SESSION_OPERATIONS } from './sessions/session-routes.ts'

/** Every documented operation of the public API, in the order in which the document shows them. */
export const OPERATIONS: Operations = {
  ...ACCOUNT_OPERATIONS,
  ...PASSWORD_OPERATIONS,
  ...SESSION_OPERATIONS,
  ...OAUTH_OPERATIONS,
  ...IDENTITY_OPERATIONS,
  ...SYNC_OPERATIONS,
  ...DEAD_LETTER_OPERATIONS,
  ...EVENT_OPERATIONS,
  ...HEALTH_OPERATIONS,
  ...DOCUMENT_OPERATIONS,
  ...DOCS_OPERATIONS,
}

/**
 * The OpenAPI document of this API. docs/openapi.json is made from it. An installation serves its own, with the shortest
 * password that it accepts.
 */
export const apiDocument = (passwordMinimum?: number): object =>
  openApiDocument(OPERATIONS, passwordMinimum)
