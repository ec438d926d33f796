import { Elysia } from 'elysia'
import { accountRoutes } from './accounts/account-routes.ts'
import { makeApplication } from './edge/application.ts'
import { makeClients } from './edge/client.ts'
import { makeCrossOrigin } from './edge/cross-origin.ts'
import { makeEdge } from './edge/edge.ts'
import { makeGuards } from './edge/guards.ts'
import { makeRouteTable } from './edge/route-table.ts'
import { makeSecurityHeaders } from './edge/security-headers.ts'
import { deadLetterRoutes } from './events/dead-letter-routes.ts'
import { eventRoutes } from './events/event-routes.ts'
import { syncRoutes } from './migration/sync-routes.ts'
import type { Peer, PublicApiNeeds } from './needs.ts'
import { identityRoutes } from './oauth/identity-routes.ts'
import { isOAuthPath, oauthRoutes } from './oauth/oauth-routes.ts'
import { docsRoutes } from './operations/docs-routes.ts'
import { documentRoutes } from './operations/document-routes.ts'
import { healthRoutes } from './operations/health-routes.ts'
import { metricsRoutes } from './operations/metrics-routes.ts'
import { sessionRoutes } from './sessions/session-routes.ts'

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
  const clients = makeClients(settings.trustedProxyHops)
  const crossOrigin = makeCrossOrigin(settings.corsOrigins)
  const application = makeApplication()
    .use(healthRoutes(needs))
    .use(documentRoutes(needs))
    .use(accountRoutes(needs, clients, guards))
    .use(sessionRoutes(needs, clients, guards, crossOrigin))
    .use(oauthRoutes(needs, clients, guards))
    .use(identityRoutes(needs, clients, guards))
    .use(eventRoutes(needs, guards))
    .use(syncRoutes(needs, guards))
    .use(deadLetterRoutes(needs, guards))
    .use(settings.docs ? docsRoutes() : nothing)
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
  return { fetch: (request, { address }) => edge(request, address), routes }
}
