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
import type { PeerOptions } from '../figures/outbox-comparison.ts'
import {
  BATCH,
  NEXT_MESSAGES,
  PUBLICATION,
  pollingOptions,
  replicationOptions,
  SLOT,
} from './outbox-options.ts'

// The listener of pg-transactional-outbox, set up as in its documentation. It publishes to a stream of one replica. A segment
// is a user. So it keeps the order of each user, as our relay does, and handles different users at the same time.
//
// It reads commands from standard input and answers each with one line:
//   start                     empties the outbox and starts the listener
//   latencies <milliseconds>  the milliseconds from creation to acknowledgement, of every message created since then
//   stop                      stops the listener

const options: PeerOptions = JSON.parse(process.argv[2] ?? '')

const client = new Client({ connectionString: options.databaseUrl })
await client.connect()
const { rows } = await client.query('select current_database() as database')
const names = {
  outboxOrInbox: 'outbox',
  database: rows[0].database,
  schema: 'public',
  table: 'outbox',
  listenerRole: 'postgres',
  publication: PUBLICATION,
  replicationSlot: SLOT,
  nextMessagesName: NEXT_MESSAGES,
} as const
await client.query(DatabaseSetup.dropAndCreateTable(names))
if (options.listener === 'polling') {
  await client.query(DatabaseSetup.createPollingFunction(names))
  await client.query(DatabaseSetup.setupPollingIndexes(names))
} else {
  await client.query(DatabaseSetup.setupReplicationCore(names))
  // A separate query, because statements that are sent together share a transaction, and a slot cannot be created in one.
  await client.query(`select pg_create_logical_replication_slot('${SLOT}', 'pgoutput')`)
}

const connection = await connect({ servers: options.natsUrl.split(',') })
await (await connection.jetstreamManager()).streams.add({
  name: options.stream,
  subjects: [options.stream],
  storage: StorageType.File,
  num_replicas: 1,
  duplicate_window: nanos(300_000),
})
const stream = connection.jetstream()

type Acknowledged = { readonly createdAt: number; readonly milliseconds: number }
const acknowledged = new Map<string, Acknowledged>()

const handler: GeneralMessageHandler = {
  handle: async ({ id, aggregateId, createdAt = '', metadata, payload }) => {
    const messageHeaders = headers()
    messageHeaders.set('ce-subject', aggregateId)
    messageHeaders.set('ce-sequence', String(metadata?.version))
    await stream.publish(options.stream, JSON.stringify(payload), {
      msgID: id,
      headers: messageHeaders,
    })
    const created = Date.parse(createdAt)
    if (!acknowledged.has(id))
      acknowledged.set(id, { createdAt: created, milliseconds: Date.now() - created })
  },
}

const logger = getDisabledLogger()

const startListener = () =>
  options.listener === 'polling'
    ? initializePollingMessageListener(pollingOptions(options), handler, logger, {
        // The default strategy starts with one message at a time, because the first messages could be harmful.
        batchSizeStrategy: async () => BATCH,
      })
    : initializeReplicationMessageListener(replicationOptions(options), handler, logger, {
        concurrencyStrategy: createReplicationSegmentMutexConcurrencyController(),
      })

let stopListener: () => Promise<void> = async () => {}

const start = async () => {
  await client.query('truncate outbox')
  acknowledged.clear()
  ;[stopListener] = startListener()
  return 'started'
}

const stop = async () => {
  await stopListener()
  return 'stopped'
}

const latenciesSince = (since: number) =>
  JSON.stringify(
    [...acknowledged.values()]
      .filter(({ createdAt }) => createdAt >= since)
      .map(({ milliseconds }) => milliseconds),
  )

for await (const line of createInterface({ input: process.stdin })) {
  const [command, since] = line.split(' ')
  if (command === 'start') console.log(await start())
  else if (command === 'latencies') console.log(latenciesSince(Number(since)))
  else console.log(await stop())
}
process.exit(0)
