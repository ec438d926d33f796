import { Unavailable } from '../../../domain/shared/unavailable.ts'
import type { Log, LogFields } from '../../../ports/driven/shared/log.ts'
import type { Problem } from '../problems/problems.ts'
import { answerProblem, noContent } from './answers.ts'
import type { CrossOrigin } from './cross-origin.ts'
import type { Exchange } from './exchange.ts'
import { beginExchange } from './exchange.ts'
import type { WriteFault } from './fault-log.ts'
import { makeWriteFault } from './fault-log.ts'
import type { Route, RouteTable } from './route-table.ts'
import { traceContext } from './trace-context.ts'

/** Runs work in a W3C trace context that log lines and events are written with. */
export type Trace = { run<T>(traceparent: string, work: () => T): T }

/** Counts one served request for the metrics. `route` is a template, or `unmatched`. */
export type ObserveRequest = (
  route: string,
  method: string,
  status: number,
  seconds: number,
) => void

/** What the listener knows of a request beside the request. */
export type Peer = {
  /** The address of the connection; null where the runtime does not tell it. */
  readonly address: string | null
  /** True when the runtime changed the path before it handed the request over: `request.url` is not what was sent. */
  readonly isPathTidied?: boolean
}

/** What both listeners need around their routes. */
export type EdgeNeeds = {
  readonly log: Log
  readonly trace: Trace
  readonly observe: ObserveRequest
}

type Needs = EdgeNeeds & {
  readonly routes: RouteTable
  /** Serves a request whose path and method the table knows. */
  readonly serve: (request: Request) => Response | Promise<Response>
  readonly crossOrigin: CrossOrigin
  readonly secure: (headers: Headers) => void
}

/**
 * What happens around every route: the trace, the decision whether there is such a route, headers on every answer,
 * the metric, one log line. Faults end here.
 */
export const makeEdge = (needs: Needs) => {
  const { routes, trace } = needs
  const recordNeeds = { ...needs, writeFault: makeWriteFault(needs.log) }

  const answer = async (
    request: Request,
    asked: string,
    route: Route | undefined,
    exchange: Exchange,
  ): Promise<Response> => {
    const refused = refusal(needs, request, asked, route, exchange)
    if (refused !== null) return refused
    try {
      return await needs.serve(request)
    } catch (fault) {
      return answerFault(exchange, fault)
    }
  }

  return async (incoming: Request, peer: Peer): Promise<Response> => {
    const started = performance.now()
    const { traceId, traceparent } = traceContext(incoming.headers.get('traceparent'))
    const request = asServed(incoming)
    const exchange = beginExchange(request, traceId, peer.address)
    const route = peer.isPathTidied === true ? undefined : routes.match(pathOf(request.url))
    const answered = await trace.run(traceparent, () =>
      answer(request, incoming.method, route, exchange),
    )
    const response = incoming.method === 'HEAD' ? new Response(null, answered) : answered
    finish(needs, incoming, response, exchange)
    record(recordNeeds, incoming, route, response.status, exchange, started)
    return response
  }
}

/** HEAD is served as GET. A request without a usable Host has no origin in its address on some runtimes. */
const asServed = (request: Request): Request => {
  const located = request.url.startsWith('/')
    ? new Request(`http://localhost${request.url}`, request)
    : request
  return located.method === 'HEAD'
    ? new Request(located.url, { method: 'GET', headers: located.headers })
    : located
}

/** As it was sent: nothing is decoded or tidied, so that no two spellings are one route. Empty for an address without a path. */
const pathOf = (url: string): string => /^[^:/?#]+:\/\/[^/?#\\]*(\/[^?]*)/.exec(url)?.[1] ?? ''

/** A name or an address, with or without a port (RFC 9110 §7.2). On some runtimes the rest would be read as a path. */
const HOST = /^(?:[a-z0-9._~-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i

const hasOneHost = (host: string | null): boolean => host === null || HOST.test(host)

const refusal = (
  { crossOrigin }: Needs,
  request: Request,
  asked: string,
  route: Route | undefined,
  exchange: Exchange,
): Response | null => {
  if (!hasOneHost(request.headers.get('host')))
    return answerProblem(exchange, { code: 'invalid-host' })
  if (route === undefined) return answerProblem(exchange, { code: 'not-found' })
  if (request.method === 'OPTIONS') return options(crossOrigin, request, route)
  return route.methods.has(asked)
    ? null
    : answerProblem(exchange, { code: 'method-not-allowed', headers: { allow: route.allow } })
}

const options = (crossOrigin: CrossOrigin, request: Request, route: Route): Response =>
  noContent(
    crossOrigin.isListed(request.headers.get('origin'))
      ? {
          allow: route.allow,
          'access-control-allow-methods': route.allow,
          ...crossOrigin.preflight,
        }
      : { allow: route.allow },
  )

/** The one place where a fault becomes an answer: what it was is for the log alone. */
export const answerFault = (exchange: Exchange, fault: unknown): Response => {
  exchange.fault = fault
  const problem: Problem =
    fault instanceof Unavailable
      ? { code: 'unavailable', retryAfterSeconds: fault.retryAfterSeconds }
      : { code: 'internal-error' }
  return answerProblem(exchange, problem)
}

const finish = (
  needs: Needs,
  request: Request,
  { headers }: Response,
  exchange: Exchange,
): void => {
  needs.secure(headers)
  headers.set('x-trace-id', exchange.traceId)
  needs.crossOrigin.apply(request.headers.get('origin'), headers)
}

// A label from outside would let anybody make metric series without end.
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

const record = (
  { log, observe, writeFault }: EdgeNeeds & { readonly writeFault: WriteFault },
  { method }: Request,
  route: Route | undefined,
  status: number,
  exchange: Exchange,
  started: number,
): void => {
  const milliseconds = performance.now() - started
  const line = {
    method: METHODS.has(method) ? method : 'OTHER',
    route: route?.template ?? 'unmatched',
    status,
    ms: Math.round(milliseconds * 1000) / 1000,
    traceId: exchange.traceId,
    userId: exchange.caller?.id,
    sessionId: exchange.caller?.session.id,
    problem: exchange.problem,
  } satisfies LogFields
  observe(line.route, line.method, status, milliseconds / 1000)
  if (exchange.fault !== undefined)
    writeFault(exchange.fault, { traceId: exchange.traceId, route: line.route })
  log(status >= 500 ? 'error' : 'info', 'request', line)
}
