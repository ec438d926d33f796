import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { consumeUserEvents } from '@auth-service/user-events'
import { Elysia } from 'elysia'
import { connect } from 'nats'
import { openCards } from './cards.ts'

const {
  PORT = '4002',
  HOST = '127.0.0.1',
  CARDS_FILE = '.data/social.sqlite',
  NATS_URL = 'nats://127.0.0.1:4222',
  NATS_USER = 'social',
  NATS_PASSWORD,
  CONSUMER_NAME = 'social',
  ACK_WAIT_SECONDS = '30',
} = process.env

if (CARDS_FILE !== ':memory:') mkdirSync(dirname(CARDS_FILE), { recursive: true })
const cards = openCards(CARDS_FILE)

const api = new Elysia()
  .get('/health', () => ({ status: 'healthy' }))
  .get('/cards', () => cards.list())
  .get('/cards/:id', ({ params, status }) => cards.find(params.id) ?? status(404))
  .listen({ port: Number(PORT), hostname: HOST }, ({ port }) =>
    console.log(`Social is at http://${HOST}:${port}`),
  )

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
  store: cards.store,
  handle: async (event) => cards.apply(event),
  observer: {
    onResult: ({ kind, userId, version }) => console.log('social', kind, userId, version),
    onTrouble: ({ kind, fault }) => console.error('social', kind, fault),
  },
})

const stop = async () => {
  await api.stop()
  await consumer.stop()
  await connection.close()
  cards.close()
  process.exit(0)
}
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, stop)
