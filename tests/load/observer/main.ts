import { connect } from 'nats'
import { consumeUserEvents, makeMemoryStore } from '../../../packages/user-events/src/index.ts'
import { makeTally } from './tally.ts'

// An ordinary consumer of user events. k6 reads its figures over HTTP.
//
//   NATS_URL=nats://… [NATS_USER=… NATS_PASSWORD=…] [PORT=9655] bun tests/load/observer/main.ts

const { NATS_URL = 'nats://127.0.0.1:4222', PORT = '9655' } = process.env
const { NATS_USER: user, NATS_PASSWORD: pass } = process.env
const name = 'load-observer'

const connection = await connect({
  servers: NATS_URL.split(',').map((url) => new URL(url).host),
  maxReconnectAttempts: -1,
  ...(user === undefined ? {} : { user, inboxPrefix: `_INBOX.${user}` }),
  ...(pass === undefined ? {} : { pass }),
})
const tally = makeTally()

type Delivered = { readonly userId: string; readonly eventId: string; readonly version: number }
/** Adds an event whose handler did not run. Its latency is not measured. */
const addUnhandled = ({ userId, eventId, version }: Delivered): void =>
  tally.add({ userId, eventId, version, traceparent: null, committedAt: 0, receivedAt: Date.now() })

const consumer = await consumeUserEvents({
  connection,
  name,
  version: 1,
  store: makeMemoryStore(),
  limits: { maxAckPending: 4096, concurrency: 64 },
  handle: async ({ userId, eventId, version, traceparent, occurredAt }) =>
    tally.add({
      userId,
      eventId,
      version,
      traceparent,
      committedAt: occurredAt.getTime(),
      receivedAt: Date.now(),
    }),
  observer: {
    // The package does not pass events with an old version to the handler. These events are what the observer looks for.
    onResult: ({ kind, delivery, userId, eventId, version }) => {
      // A redelivery, after a lost acknowledgement, is one message in the stream.
      if (delivery > 1) return
      if (kind !== 'stale' && kind !== 'duplicate' && kind !== 'conflict') return
      if (userId !== null && eventId !== null && version !== null)
        addUnhandled({ userId, eventId, version })
    },
    onTrouble: ({ kind, fault }) => process.stderr.write(`${kind}: ${String(fault)}\n`),
  },
})

let isReady = false
void consumer.ready.then(() => {
  isReady = true
})

const server = Bun.serve({
  hostname: '127.0.0.1',
  port: Number(PORT),
  fetch: (request) => {
    const { pathname, searchParams } = new URL(request.url)
    if (pathname === '/ready') return new Response(null, { status: isReady ? 200 : 503 })
    if (pathname !== '/observed') return new Response(null, { status: 404 })
    return Response.json(tally.observed(Number(searchParams.get('after') ?? 0)))
  },
})

const stop = async (): Promise<void> => {
  await server.stop(true)
  await consumer.stop()
  // The durable consumer is needed for one run only.
  await (await connection.jetstreamManager()).consumers.delete('USER_EVENTS', name).catch(() => {})
  await connection.close()
  process.exit(0)
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop())
