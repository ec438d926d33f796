import { connect } from 'nats'
import { consumeUserEvents, makeMemoryStore } from '../../../packages/user-events/src/index.ts'
import { makeTally } from './make-tally.ts'

// A consumer like that of any other service, which k6 can ask what it has seen.
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
const late = ({ userId, eventId, version }: Delivered): void =>
  tally.add({ userId, eventId, version, traceparent: null, committedAt: 0, arrivedAt: Date.now() })

const consumer = await consumeUserEvents({
  ...{ connection, name, version: 1, store: makeMemoryStore() },
  limits: { maxAckPending: 4096, concurrency: 64 },
  handle: async ({ userId, eventId, version, traceparent, occurredAt }) =>
    tally.add({
      ...{ userId, eventId, version, traceparent },
      ...{ committedAt: occurredAt.getTime(), arrivedAt: Date.now() },
    }),
  observer: {
    // The guard by version keeps these from the handler, and they are just what is looked for.
    onResult: ({ kind, delivery, userId, eventId, version }) => {
      // One that is delivered again, because the server missed the acknowledgement, is in the stream once.
      if (delivery > 1) return
      if (kind !== 'stale' && kind !== 'duplicate' && kind !== 'conflict') return
      if (userId !== null && eventId !== null && version !== null)
        late({ userId, eventId, version })
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

const leave = async (): Promise<void> => {
  await server.stop(true)
  await consumer.stop()
  // It was durable for the length of a run only.
  await (await connection.jetstreamManager()).consumers.delete('USER_EVENTS', name).catch(() => {})
  await connection.close()
  process.exit(0)
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void leave())
