import type { ServerOptions } from 'srvx'
import type { Peer } from '../../adapters/http/edge/edge.ts'
import type { Refusal } from '../../domain/operations/exit-codes.ts'
import { EXIT } from '../../domain/operations/exit-codes.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { ListenAddress } from '../config/config.ts'

/** srvx for the runtime at hand: `srvx/bun`, `srvx/deno` or `srvx/node`. */
export type Serve = (options: ServerOptions) => {
  readonly url?: string | undefined
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
      fetch: async (request) => {
        const response = await answer(request, { address: request.ip ?? null })
        return closing ? lastOnItsConnection(response) : response
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
  const line = `Cannot listen on ${host}:${port}: ${reason}. Set ${variable}, or stop the other process.`
  return { exitCode: EXIT.unavailable, lines: [line] }
}
