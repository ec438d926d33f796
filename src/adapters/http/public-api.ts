import { Elysia } from 'elysia'
import { makeApplication } from './application.ts'
import { makeClients } from './client.ts'
import { makeCrossOrigin } from './cross-origin.ts'
import { makeEdge } from './edge.ts'
import { makeGuards } from './guards.ts'
import type { Peer, PublicApiNeeds } from './needs.ts'
import { makeRouteTable } from './route-table.ts'
import { accountRoutes } from './routes/accounts.ts'
import { deadLetterRoutes } from './routes/dead-letters.ts'
import { docsRoutes } from './routes/docs.ts'
import { documentRoutes } from './routes/documents.ts'
import { eventRoutes } from './routes/events.ts'
import { healthRoutes } from './routes/health.ts'
import { identityRoutes } from './routes/identities.ts'
import { metricsRoutes } from './routes/metrics.ts'
import { isOAuthPath, oauthRoutes } from './routes/oauth.ts'
import { sessionRoutes } from './routes/sessions.ts'
import { syncRoutes } from './routes/sync.ts'
import { makeSecurityHeaders } from './security-headers.ts'

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
