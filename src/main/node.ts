import { serve } from 'srvx/node'
import { compose } from './compose.ts'
import type { Serve } from './lifecycle/listener.ts'
import { run } from './lifecycle/run.ts'

const METHOD_NOT_ALLOWED =
  'HTTP/1.1 405 Method Not Allowed\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'

/** Node closes the connection of a CONNECT without an answer unless somebody listens for it. */
const serveOnNode: Serve = (options) => {
  const server = serve(options)
  server.node?.server?.on('connect', (_request, socket) => socket.end(METHOD_NOT_ALLOWED))
  return server
}

await run(serveOnNode, compose)
