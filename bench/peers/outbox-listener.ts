import { createInterface } from 'node:readline'
import { connect, headers, nanos, StorageType } from 'nats'
import { Client } from 'pg'
import type { GeneralMessageHandler } from 'pg-transactional-outbox'
import {
  createReplicationSegmentMutexConcurrencyController,
  DatabaseSetup,
  getDisabledLogger,
  initializePollingMessageListener,
  initializeReplicationMessageListener,
} from 'pg-transactional-outbox'
import type { OutboxOrder } from '../figures/outbox-peer.ts'
import {
  BATCH,
  NEXT_MESSAGES,
  PUBLICATION,
  pollingOf,
  replicationOf,
  SLOT,
} from './outbox-setting.ts'

// The listener of pg-transactional-outbox as its documentation sets it up, publishing to a stream of one replica. A segment
// is a user, so that it keeps the order of each user as ours does, and works for different users at the same time.
// `listen` starts it with an empty table, `waits <milliseconds>` tells how long each message created since then took to be
// acknowledged, `rest` stops it.

const order: OutboxOrder = JSON.parse(process.argv[2] ?? '')

const client = new Client({ connectionString: order.databaseUrl })
await client.connect()
const { rows } = await client.query('select current_database() as database')
const names = {
  ...{ outboxOrInbox: 'outbox', database: rows[0].database, schema: 'public', table: 'outbox' },
  ...{ listenerRole: 'postgres', publication: PUBLICATION, replicationSlot: SLOT },
  nextMessagesName: NEXT_MESSAGES,
} as const
await client.query(DatabaseSetup.dropAndCreateTable(names))
if (order.listener === 'polling') {
  await client.query(DatabaseSetup.createPollingFunction(names))
  await client.query(DatabaseSetup.setupPollingIndexes(names))
} else {
  await client.query(DatabaseSetup.setupReplicationCore(names))
  // Statements sent together would share a transaction, in which no slot can be made.
  await client.query(`select pg_create_logical_replication_slot('${SLOT}', 'pgoutput')`)
}

const connection = await connect({ servers: order.natsUrl.split(',') })
await (await connection.jetstreamManager()).streams.add({
  ...{ name: order.stream, subjects: [order.stream], storage: StorageType.File, num_replicas: 1 },
  duplicate_window: nanos(300_000),
})
const stream = connection.jetstream()

type Acknowledged = { readonly createdAt: number; readonly milliseconds: number }
const acknowledged = new Map<string, Acknowledged>()

const handler: GeneralMessageHandler = {
  handle: async ({ id, aggregateId, createdAt = '', metadata, payload }) => {
    const about = headers()
    about.set('ce-subject', aggregateId)
    about.set('ce-sequence', String(metadata?.version))
    await stream.publish(order.stream, JSON.stringify(payload), { msgID: id, headers: about })
    const created = Date.parse(createdAt)
    if (!acknowledged.has(id))
      acknowledged.set(id, { createdAt: created, milliseconds: Date.now() - created })
  },
}

const logger = getDisabledLogger()

const start = () =>
  order.listener === 'polling'
    ? initializePollingMessageListener(pollingOf(order), handler, logger, {
        // Its own begins with one message at a time, as it does not know yet whether they are harmful.
        batchSizeStrategy: async () => BATCH,
      })
    : initializeReplicationMessageListener(replicationOf(order), handler, logger, {
        concurrencyStrategy: createReplicationSegmentMutexConcurrencyController(),
      })

let stop: () => Promise<void> = async () => {}

const listen = async () => {
  await client.query('truncate outbox')
  acknowledged.clear()
  ;[stop] = start()
  return 'listening'
}

const rest = async () => {
  await stop()
  return 'resting'
}

const waitsSince = (since: number) =>
  JSON.stringify(
    [...acknowledged.values()]
      .filter(({ createdAt }) => createdAt >= since)
      .map(({ milliseconds }) => milliseconds),
  )

for await (const line of createInterface({ input: process.stdin })) {
  const [word, since] = line.split(' ')
  if (word === 'listen') console.log(await listen())
  else if (word === 'waits') console.log(waitsSince(Number(since)))
  else console.log(await rest())
}
process.exit(0)
