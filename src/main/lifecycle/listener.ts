import type { ServerOptions, ServerRequest } from 'srvx'
import type { Peer } from '../../adapters/http/edge/edge.ts'
import type { Refusal } from '../../domain/operations/exit-codes.ts'
import { EXIT } from '../../domain/operations/exit-codes.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import { shownHost } from '../../domain/shared/server-address.ts'
import type { ListenAddress } from '../config/config.ts'
import { bunRoutes, isPathTidied } from './sent-path.ts'

/** srvx for the runtime at hand: `srvx/bun`, `srvx/deno` or `srvx/node`. */
export type Serve = (options: ServerOptions) => {
  readonly url?: string | undefined
  /** Answers a request as if it had come over the port. Bun's takes its server too. */
  fetch(request: ServerRequest, server?: unknown): Response | Promise<Response>
  ready(): Promise<unknown>
  close(): Promise<void>
}

export type Answer = (request: Request, peer: Peer) => Promise<Response>

/** A port that accepts connections. */
export type OpenListener = {
  readonly port: number
  /** Accepts nothing new and resolves once everything accepted before is answered. */
  close(): Promise<void>
}

// Node lets slow senders stay connected for minutes. Bun and Deno close them by themselves.
const NODE_TIMEOUTS = {
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  connectionsCheckingInterval: 1000,
}

/** Opens a port and answers on it. `variable` names the setting to change when that fails. */
export const openListener = async (
  serve: Serve,
  address: ListenAddress,
  variable: string,
  answer: Answer,
): Promise<Result<OpenListener, Refusal>> => {
  let closing = false
  try {
    const server = serve({
      hostname: address.host,
      port: address.port,
      silent: true,
      gracefulShutdown: false,
      node: NODE_TIMEOUTS,
      bun: { routes: bunRoutes((request, bunServer) => server.fetch(request, bunServer)) },
      fetch: async (request) => {
        const peer = { address: request.ip ?? null, isPathTidied: isPathTidied(request) }
        const response = await answer(request, peer)
        return closing || mayLeaveTrailer(request) ? lastOnItsConnection(response) : response
      },
    })
    await server.ready()
    return ok({
      port: Number(new URL(server.url ?? '').port),
      close: () => {
        closing = true
        return server.close()
      },
    })
  } catch (error) {
    return fail(refusalOf(error, address, variable))
  }
}

/**
 * Bun does not read the trailer of a body in chunks. It takes the trailer for the next request, answers that with 400, and the
 * next client of a proxy that keeps its connections would get this answer. So the connection ends after such a body.
 */
const mayLeaveTrailer = ({ runtime, headers }: ServerRequest): boolean =>
  runtime?.name === 'bun' && headers.has('transfer-encoding')

/** A kept-alive connection would keep the listener open until it times out. */
const lastOnItsConnection = (response: Response): Response => {
  const { status, statusText } = response
  const headers = new Headers(response.headers)
  headers.set('connection', 'close')
  return new Response(response.body, { status, statusText, headers })
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is in use',
  EACCES: 'the port is not allowed to this user',
  EADDRNOTAVAIL: 'this machine does not have that address',
  ENOTFOUND: 'this machine does not have that address',
}

const refusalOf = (error: unknown, { host, port }: ListenAddress, variable: string): Refusal => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const reason = REASONS[code]
  if (reason === undefined) throw error
  const line = `Cannot listen on ${shownHost(host, port)}: ${reason}. Set ${variable}, or stop the other process.`
  return { exitCode: EXIT.unavailable, lines: [line] }
}
