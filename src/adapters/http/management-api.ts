import { makeApplication } from './edge/application.ts'
import { makeCrossOrigin } from './edge/cross-origin.ts'
import type { EdgeNeeds, Peer } from './edge/edge.ts'
import { makeEdge } from './edge/edge.ts'
import { makeRouteTable } from './edge/route-table.ts'
import { makeSecurityHeaders } from './edge/security-headers.ts'
import type { OwnerCommands } from './operations/command-routes.ts'
import { commandRoutes } from './operations/command-routes.ts'
import type { HealthNeeds } from './operations/health-routes.ts'
import { healthRoutes } from './operations/health-routes.ts'
import { metricsRoutes } from './operations/metrics-routes.ts'

type Needs = EdgeNeeds &
  HealthNeeds & {
    readonly metricsText: () => Promise<string>
    /** Left out where the command line has its own way to the database. */
    readonly commands?: OwnerCommands
  }

export type ManagementApi = { fetch(request: Request, peer: Peer): Promise<Response> }

/** What the operator's own machine can reach: metrics, health, and the command line's way into a running service. */
export const makeManagementApi = (needs: Needs): ManagementApi => {
  const application = makeApplication()
    .use(healthRoutes(needs))
    .use(metricsRoutes(needs.metricsText))
  if (needs.commands !== undefined) application.use(commandRoutes(needs.commands))
  const edge = makeEdge({
    ...needs,
    routes: makeRouteTable(application.routes),
    serve: application.fetch,
    crossOrigin: makeCrossOrigin([]),
    secure: makeSecurityHeaders(false),
  })
  return { fetch: (request, peer) => edge(request, { ...peer, address: null }) }
}
