import { once } from 'node:events'
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { Certificate } from '../../servers/network/self-signed-certificate.ts'

export type AskedRequest = {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}
type Answer = (response: ServerResponse, request: AskedRequest) => void

export type FakeBackend = {
  readonly url: string
  readonly requests: readonly AskedRequest[]
  /** Sets how it answers from now on. */
  answer(how: Answer): void
  close(): void
}

export const answering =
  (status: number, headers: Readonly<Record<string, string>> = {}, body = ''): Answer =>
  (response) =>
    void response.writeHead(status, headers).end(body)

/** Never answers. */
export const hanging: Answer = () => {}

/** Answers 200 and breaks the connection in the middle of the body. */
export const dyingMidAnswer: Answer = (response) => {
  response.writeHead(200, { 'content-length': '1000' })
  response.write('all is', () => response.socket?.destroy())
}

/** A receiver of changes on this machine that answers as the test says, with TLS when it has a certificate. */
export const fakeBackend = async (certificate?: Certificate): Promise<FakeBackend> => {
  const requests: AskedRequest[] = []
  let answer: Answer = answering(204, { 'x-sync-guard': 'version' })
  const listener: RequestListener = async (incoming, response) => {
    const request = await readRequest(incoming)
    requests.push(request)
    answer(response, request)
  }
  const server: Server =
    certificate === undefined
      ? createServer(listener)
      : createSecureServer({ key: certificate.key, cert: certificate.certificate }, listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `${certificate === undefined ? 'http' : 'https'}://127.0.0.1:${port}/sync`,
    requests,
    answer: (how) => {
      answer = how
    },
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

const readRequest = async (incoming: IncomingMessage): Promise<AskedRequest> => {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  const headers = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])
  return {
    method: incoming.method ?? '',
    headers: Object.fromEntries(headers),
    body: Buffer.concat(chunks).toString(),
  }
}
