import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import process from 'node:process'
import { consumeUserEvents, makeMemoryStore } from '@auth-service/user-events'
import { makeVerifyBearer } from '@auth-service/user-events/bearer'
import { connect } from 'nats'
import type { Visitor } from './presence.ts'
import { makePresence } from './presence.ts'

const {
  PORT = '4003',
  HOST = '127.0.0.1',
  NATS_URL = 'nats://127.0.0.1:4222',
  NATS_USER = 'chat',
  NATS_PASSWORD,
  CONSUMER_NAME = 'chat',
  ACK_WAIT_SECONDS = '30',
  AUTH_URL = 'http://localhost:3000',
  AUTH_AUDIENCE = 'auth-service',
  AUTH_JWKS_URL = `${AUTH_URL}/.well-known/jwks.json`,
} = process.env

const presence = makePresence()
const verifyBearer = makeVerifyBearer({
  issuer: AUTH_URL,
  audience: AUTH_AUDIENCE,
  jwksUrl: AUTH_JWKS_URL,
})

const json = (response: ServerResponse, status: number, body: unknown): void =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))

/** Keeps the answer open as a stream of server-sent events for as long as the visitor stays. */
const visit = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const verdict = await verifyBearer(request.headers.authorization)
  if (!verdict.ok) return json(response, 401, { code: verdict.refusal })
  const visitor: Visitor = {
    userId: verdict.bearer.userId,
    send: (kind, what) => response.write(`event: ${kind}\ndata: ${JSON.stringify(what)}\n\n`),
    close: () => response.end(),
  }
  if (presence.isBanned(visitor.userId)) return json(response, 403, { code: 'account-inactive' })
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  presence.join(visitor)
  response.once('close', () => presence.leave(visitor))
}

const server = createServer((request, response) => {
  if (request.url === '/health') return json(response, 200, { status: 'healthy' })
  if (request.url === '/presence') return json(response, 200, presence.list())
  if (request.url !== '/stream') return json(response, 404, { code: 'not-found' })
  // The keys of auth-service cannot be fetched.
  visit(request, response).catch(() => json(response, 503, { code: 'unavailable' }))
})
server.listen(Number(PORT), HOST, () => {
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : PORT
  console.log(`Chat is at http://${HOST}:${port}`)
})

const connection = await connect({
  servers: NATS_URL.split(','),
  ...(NATS_PASSWORD === undefined ? {} : { user: NATS_USER, pass: NATS_PASSWORD }),
  inboxPrefix: `_INBOX.${NATS_USER}`,
  maxReconnectAttempts: -1,
  waitOnFirstConnect: true,
})
const consumer = await consumeUserEvents({
  connection,
  name: CONSUMER_NAME,
  limits: { ackWaitSeconds: Number(ACK_WAIT_SECONDS) },
  version: 1,
  store: makeMemoryStore(),
  handle: async (event) => presence.apply(event),
  observer: {
    onResult: ({ kind, userId, version }) => console.log('chat', kind, userId, version),
    onTrouble: ({ kind, fault }) => console.error('chat', kind, fault),
  },
})

const stop = async () => {
  server.close()
  server.closeAllConnections()
  await consumer.stop()
  await connection.close()
  process.exit(0)
}
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, stop)
