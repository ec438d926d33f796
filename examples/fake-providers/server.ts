import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type { Fault } from './misbehaviour.ts'
import type { ProviderName } from './names.ts'
import type { Answer, Call, Provider, Route } from './provider.ts'

type Needs = {
  readonly providers: () => readonly Provider[]
  readonly faultAt: (call: Call) => Fault | undefined
  readonly record: (call: Call) => void
}

const LONGEST_BODY = 64 * 1024

/** One HTTP server for all providers. The first part of the path is the provider's name, in place of its host. */
export const makeServer = ({ providers, faultAt, record }: Needs): Server =>
  createServer((request, response) => {
    const serve = async () => {
      const url = new URL(request.url ?? '/', 'http://localhost')
      const found = find(providers(), request.method ?? 'GET', url.pathname)
      if (found === null) return send(response, NOT_FOUND)
      const call = await readCall(request, url, found)
      record(call)
      const fault = faultAt(call)
      return fault === undefined
        ? send(response, await found.route.answer(call))
        : sendFault(fault, response)
    }
    serve().catch((fault: unknown) => {
      if (!response.headersSent) send(response, { status: 500, headers: TEXT, body: String(fault) })
    })
  })

const TEXT = { 'content-type': 'text/plain; charset=utf-8' }
const NOT_FOUND: Answer = { status: 404, headers: TEXT, body: 'There is nothing here.\n' }

type Found = { readonly name: ProviderName; readonly route: Route; readonly path: string }

const find = (providers: readonly Provider[], method: string, pathname: string): Found | null => {
  for (const { name, routes } of providers) {
    if (pathname !== `/${name}` && !pathname.startsWith(`/${name}/`)) continue
    const path = pathname.slice(name.length + 1)
    const route = routes.find((one) => one.method === method && one.path.test(path))
    if (route !== undefined) return { name, route, path }
  }
  return null
}

const readCall = async (
  request: IncomingMessage,
  url: URL,
  { name, route, path }: Found,
): Promise<Call> => {
  const headers = new Headers()
  for (const [header, value] of Object.entries(request.headers))
    headers.set(header, Array.isArray(value) ? value.join(', ') : (value ?? ''))
  const isForm = headers.get('content-type')?.startsWith('application/x-www-form-urlencoded')
  const body = await readBody(request)
  return {
    provider: name,
    endpoint: route.endpoint,
    method: route.method,
    path,
    headers,
    query: url.searchParams,
    form: new URLSearchParams(isForm === true ? body : ''),
  }
}

const readBody = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request) {
    length += chunk.length
    if (length > LONGEST_BODY) throw new Error('the body is too long')
    chunks.push(Buffer.from(chunk))
  }
  return Buffer.concat(chunks).toString()
}

const send = (response: ServerResponse, { status, headers, body }: Answer): void => {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body)
}

const CHUNK = Buffer.alloc(1_000_000, 'x')
const CHUNKS = 50

/** Answers a call with a fault instead of its answer. */
const sendFault = async (fault: Fault, response: ServerResponse): Promise<void> => {
  switch (fault.kind) {
    case 'closed':
      response.socket?.destroy()
      return
    case 'silent':
      return
    case 'stalled':
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '4096' })
      response.write('{')
      return
    case 'status':
      response
        .writeHead(fault.status, { 'content-type': 'text/plain' })
        .end('Something went wrong.')
      return
    case 'html':
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end('<!doctype html><title>Maintenance</title><p>We will be back soon.')
      return
    case 'cut-json':
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end('{"access_token":"abc","id_')
      return
    case 'huge':
      return pour(response)
    case 'redirect':
      response.writeHead(302, { location: fault.to }).end()
      return
    case 'json':
      response
        .writeHead(fault.status, { 'content-type': 'application/json' })
        .end(JSON.stringify(fault.body))
  }
}

/** Sends 50 MB as fast as the client reads, and stops when the client does. */
const pour = async (response: ServerResponse): Promise<void> => {
  response.writeHead(200, { 'content-type': 'application/json' })
  response.write('{"padding":"')
  for (let chunk = 0; chunk < CHUNKS && !response.destroyed; chunk += 1) {
    const isTaken = response.write(CHUNK)
    while (!isTaken && response.writableNeedDrain && !response.destroyed) await pause(5)
  }
  if (!response.destroyed) response.end('"}')
}
