import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import { createServer } from 'node:http'

type Options = {
  /** The address of the service, as browsers use it. */
  readonly service: string
  /** 0 selects a free port. */
  readonly port: number
}

type ExamplePage = {
  /** Like `http://localhost:3002`, without a slash at the end. */
  readonly url: string
  close(): Promise<void>
}

const TYPES: Readonly<Record<string, string>> = {
  '/': 'text/html; charset=utf-8',
  '/app.js': 'text/javascript; charset=utf-8',
  '/auth-client.js': 'text/javascript; charset=utf-8',
  '/elements.js': 'text/javascript; charset=utf-8',
  '/explain.js': 'text/javascript; charset=utf-8',
  '/style.css': 'text/css; charset=utf-8',
  '/icon.svg': 'image/svg+xml',
}

/**
 * Serves the page of this folder on a port of this machine.
 * @throws when the port is taken.
 */
export const serveExamplePage = async ({ service, port }: Options): Promise<ExamplePage> => {
  const headers = headersFor(service)
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname
    const type = TYPES[path]
    if (type === undefined || request.method !== 'GET') {
      response.writeHead(404, headers).end()
      return
    }
    readPage(path, service).then(
      (content) => response.writeHead(200, { ...headers, 'content-type': type }).end(content),
      () => response.writeHead(500, headers).end(),
    )
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://localhost:${portOf(server)}`,
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

/** The address of the service that the page contains. */
const DEFAULT_SERVICE = 'http://localhost:3000'

const readPage = async (path: string, service: string): Promise<string> => {
  const file = new URL(`.${path === '/' ? '/index.html' : path}`, import.meta.url)
  const text = await readFile(file, 'utf8')
  return path === '/' ? text.replaceAll(DEFAULT_SERVICE, service) : text
}

/** The headers of a page with a sign-in form: it may load only its own files and call only the service. */
const headersFor = (service: string): Readonly<Record<string, string>> => ({
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src ${service}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-store',
})

const portOf = (server: Server): number => {
  const address = server.address()
  if (address === null || typeof address === 'string')
    throw new Error('the server does not listen on a port')
  return address.port
}
