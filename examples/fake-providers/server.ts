import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import { suffer } from './faults.ts'
import type { Fault } from './lies.ts'
import type { ProviderName } from './names.ts'
import type { Answer, Call, Provider, Route } from './provider.ts'

type Needs = {
  readonly providers: () => readonly Provider[]
  readonly faultAt: (call: Call) => Fault | undefined
  readonly record: (call: Call) => void
}

const LONGEST_BODY = 64 * 1024

/** Each provider answers below its own name, as if that were its host. */
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
        : suffer(fault, response)
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
    ...{ provider: name, place: route.place, method: route.method, path, headers },
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
