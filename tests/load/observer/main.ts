import type { JsMsg } from 'nats'
import { connect, DeliverPolicy } from 'nats'
import { STREAMS, SUBJECT_OF } from '../../../packages/user-events/src/index.ts'
import { makeTally } from './tally.ts'

// Reads all user events in the order of the stream. k6 reads its figures over HTTP. It only reads headers and acknowledges
// nothing, because it shares the cores with the service that it measures.
//
//   NATS_URL=nats://… [NATS_USER=… NATS_PASSWORD=…] [PORT=9655] bun tests/load/observer/main.ts

const { NATS_URL = 'nats://127.0.0.1:4222', PORT = '9655' } = process.env
const { NATS_USER: user, NATS_PASSWORD: pass } = process.env

const connection = await connect({
  servers: NATS_URL.split(',').map((url) => new URL(url).host),
  maxReconnectAttempts: -1,
  ...(user === undefined ? {} : { user, inboxPrefix: `_INBOX.${user}` }),
  ...(pass === undefined ? {} : { pass }),
})
const consumer = await connection.jetstream().consumers.get(STREAMS.events, {
  filterSubjects: [SUBJECT_OF[1]],
  deliver_policy: DeliverPolicy.New,
  headers_only: true,
})
const tally = makeTally()

const addMessage = ({ headers }: JsMsg): void =>
  tally.add({
    userId: headers?.get('ce-subject') ?? '',
    version: Number(headers?.get('ce-sequence')),
    eventId: headers?.get('ce-id') ?? '',
    traceparent: headers?.get('traceparent') || null,
    committedAt: Date.parse(headers?.get('ce-time') ?? ''),
    receivedAt: Date.now(),
  })

const messages = await consumer.consume({
  callback: addMessage,
  max_messages: 1000,
  // The server answers at least twice in this time. It is longer than NATS is frozen in the suite `backpressure`.
  expires: 120_000,
})

const server = Bun.serve({
  hostname: '127.0.0.1',
  port: Number(PORT),
  fetch: (request) => {
    const { pathname, searchParams } = new URL(request.url)
    if (pathname === '/ready') return new Response(null, { status: 200 })
    if (pathname !== '/observed') return new Response(null, { status: 404 })
    return Response.json(tally.observed(Number(searchParams.get('after') ?? 0)))
  },
})

const stop = async (): Promise<void> => {
  await server.stop(true)
  messages.stop()
  await connection.close()
  process.exit(0)
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop())
