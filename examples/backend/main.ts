import process from 'node:process'
import { consumeUserEvents, makePostgresStore, POSITIONS_TABLE } from '@auth-service/user-events'
import { connect } from 'nats'
import type { Sql } from './database.ts'
import { openDatabase } from './database.ts'
import { makeEndpoint } from './endpoint.ts'
import { applyToMembers, makeTables } from './members.ts'

const {
  PORT = '4001',
  HOST = '127.0.0.1',
  DATABASE_URL,
  DATA_DIR = '.data/backend',
  NATS_URL = 'nats://127.0.0.1:4222',
  NATS_USER = 'backend',
  NATS_PASSWORD,
  CONSUMER_NAME = 'backend',
  ACK_WAIT_SECONDS = '30',
  BACKEND_SYNC_SECRET,
} = process.env

const database = await openDatabase(DATABASE_URL, DATA_DIR)
await makeTables(database, POSITIONS_TABLE)

// Before NATS, because changes arrive over HTTP even while NATS cannot be reached.
const endpoint = makeEndpoint(database, BACKEND_SYNC_SECRET)
endpoint.listen({ port: Number(PORT), hostname: HOST }, ({ port }) =>
  console.log(`Backend is at http://${HOST}:${port}`),
)

const consuming = connect({
  servers: NATS_URL.split(','),
  ...(NATS_PASSWORD === undefined ? {} : { user: NATS_USER, pass: NATS_PASSWORD }),
  inboxPrefix: `_INBOX.${NATS_USER}`,
  maxReconnectAttempts: -1,
  waitOnFirstConnect: true,
}).then(async (connection) => {
  const consumer = await consumeUserEvents({
    connection,
    name: CONSUMER_NAME,
    limits: { ackWaitSeconds: Number(ACK_WAIT_SECONDS) },
    version: 1,
    store: makePostgresStore<Sql>({
      transact: database.transact,
      query: (tx, template, ...values) => tx(template, ...values),
    }),
    handle: async (event, tx) => {
      await applyToMembers(event, tx)
    },
    observer: {
      onResult: ({ kind, userId, version }) => console.log('backend', kind, userId, version),
      onTrouble: ({ kind, fault }) => console.error('backend', kind, fault),
    },
  })
  return () => consumer.stop().then(() => connection.close())
})

const stop = async () => {
  await endpoint.stop()
  // A connection that was never made has nothing to stop.
  const stopConsuming = await Promise.race([consuming, Promise.resolve(null)])
  await stopConsuming?.()
  await database.close()
  process.exit(0)
}
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, stop)
