import { Elysia } from 'elysia'
import type { RedirectUris } from '../../domain/oauth/redirect-uri.ts'
import type { Authenticate } from '../../ports/driving/sessions/sessions.ts'
import type { AccountUseCases } from './accounts/account-routes.ts'
import { accountRoutes } from './accounts/account-routes.ts'
import { apiDocument } from './api-document.ts'
import { makeApplication } from './edge/application.ts'
import { makeClients } from './edge/client.ts'
import type { CorsOrigins } from './edge/cross-origin.ts'
import { makeCrossOrigin } from './edge/cross-origin.ts'
import type { EdgeNeeds, Peer } from './edge/edge.ts'
import { makeEdge } from './edge/edge.ts'
import { makeGuards } from './edge/guards.ts'
import { makeRouteTable } from './edge/route-table.ts'
import { makeSecurityHeaders } from './edge/security-headers.ts'
import type { DeadLetterUseCases } from './events/dead-letter-routes.ts'
import { deadLetterRoutes } from './events/dead-letter-routes.ts'
import type { EventUseCases } from './events/event-routes.ts'
import { eventRoutes } from './events/event-routes.ts'
import type { SyncUseCases } from './migration/sync-routes.ts'
import { syncRoutes } from './migration/sync-routes.ts'
import type { IdentityUseCases } from './oauth/identity-routes.ts'
import { identityRoutes } from './oauth/identity-routes.ts'
import type { OAuthUseCases } from './oauth/oauth-routes.ts'
import { isOAuthPath, oauthRoutes } from './oauth/oauth-routes.ts'
import { docsRoutes } from './operations/docs-routes.ts'
import type { DocumentNeeds } from './operations/document-routes.ts'
import { documentRoutes } from './operations/document-routes.ts'
import type { HealthNeeds } from './operations/health-routes.ts'
import { healthRoutes } from './operations/health-routes.ts'
import { metricsRoutes } from './operations/metrics-routes.ts'
import type { PasswordUseCases } from './passwords/password-routes.ts'
import { passwordRoutes } from './passwords/password-routes.ts'
import type { SessionUseCases } from './sessions/session-routes.ts'
import { sessionRoutes } from './sessions/session-routes.ts'

/** Everything that the public routes ask the application for. */
export type UseCases = AccountUseCases &
  PasswordUseCases &
  SessionUseCases &
  OAuthUseCases &
  IdentityUseCases &
  EventUseCases &
  DeadLetterUseCases &
  SyncUseCases & {
    readonly authenticate: Authenticate
    readonly checkHealth: HealthNeeds['checkHealth']
  }

export type PublicApiSettings = {
  readonly production: boolean
  readonly publicUrl: string
  /** The addresses that clients return to after a sign-in through a provider. */
  readonly redirectUris: RedirectUris
  readonly issuer: string
  /** Whether /docs and /openapi.json are served. */
  readonly docs: boolean
  readonly trustedProxyHops: number
  readonly corsOrigins: CorsOrigins
  readonly version: string
  /** Seconds since the start, by a clock that never goes back. */
  readonly uptimeSeconds: () => number
  /** Where /metrics is served: also here, or on the management port only. */
  readonly metrics: 'public' | 'management'
}

export type PublicApiNeeds = UseCases &
  EdgeNeeds &
  Omit<DocumentNeeds, 'settings'> & {
    readonly isReady: () => boolean
    readonly metricsText: () => Promise<string>
    /** Called for each request with a header of a proxy when no proxy is trusted. */
    readonly forwardingIgnored: () => void
    readonly settings: PublicApiSettings
  }

export type PublicApi = {
  /** Answers every request; never throws. */
  fetch(request: Request, peer: Peer): Promise<Response>
  /** What is served, by method and template. */
  readonly routes: readonly { readonly method: string; readonly path: string }[]
}

const nothing = new Elysia()

/** Everything that clients of the service can reach. */
export const makePublicApi = (needs: PublicApiNeeds): PublicApi => {
  const { settings } = needs
  const guards = makeGuards(needs.authenticate)
  const clients = makeClients(settings.trustedProxyHops, needs.forwardingIgnored)
  const crossOrigin = makeCrossOrigin(settings.corsOrigins)
  const application = makeApplication()
    .use(healthRoutes(needs))
    .use(documentRoutes(needs))
    .use(accountRoutes(needs, clients, guards))
    .use(passwordRoutes(needs, clients, guards))
    .use(sessionRoutes(needs, clients, guards, crossOrigin))
    .use(oauthRoutes(needs, clients, guards))
    .use(identityRoutes(needs, clients, guards))
    .use(eventRoutes(needs, guards))
    .use(syncRoutes(needs, guards))
    .use(deadLetterRoutes(needs, guards))
    .use(settings.docs ? docsRoutes(apiDocument(needs.readPasswordRules().minimumLength)) : nothing)
    .use(settings.metrics === 'public' ? metricsRoutes(needs.metricsText) : nothing)
  const routes = application.routes.map(({ method, path }) => ({ method, path }))
  const declared = routes.map((route) => ({ ...route, isSpent: isOAuthPath(route.path) }))
  const edge = makeEdge({
    ...needs,
    routes: makeRouteTable(declared),
    serve: application.fetch,
    crossOrigin,
    secure: makeSecurityHeaders(settings.production),
  })
  return { fetch: edge, routes }
}
