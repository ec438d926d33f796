import process from 'node:process'
import { connect } from 'nats'
import postgres from 'postgres'
import { consumeUserEvents, makePostgresStore } from '../../../../packages/user-events/src/index.ts'

// A consumer in a process of its own, to be killed. EFFECTS are rows: one for each event whose handler was committed.
// With HANG=<version> it says so in the middle of that version's transaction and goes no further; with DIE=<version> it ends
// there without a word.

const setting = (name: string): string => process.env[name] ?? ''

const sql = postgres(setting('DATABASE_URL'), { max: 4 })
const connection = await connect({
  servers: setting('NATS_URL'),
  ...(setting('NATS_USER') === ''
    ? {}
    : { user: setting('NATS_USER'), pass: setting('NATS_PASSWORD') }),
  maxReconnectAttempts: -1,
})
const consumer = await consumeUserEvents({
  connection,
  name: setting('NAME'),
  version: 1,
  store: makePostgresStore<postgres.TransactionSql>({
    transact: (work) => sql.begin(work),
    query: (tx, template, ...values) => tx(template, ...values),
  }),
  limits: { ackWaitSeconds: Number(setting('ACK_WAIT_SECONDS')) },
  handle: async ({ userId, version }, tx) => {
    await tx`insert into effects (user_id, version) values (${userId}, ${version})`
    if (setting('HANG') === String(version)) {
      process.stdout.write('in the middle\n')
      await new Promise(() => {})
    }
    if (setting('DIE') === String(version)) process.kill(process.pid, 'SIGKILL')
  },
})
await consumer.ready
process.on('SIGTERM', async () => {
  await consumer.stop()
  await connection.close()
  await sql.end()
})
process.stdout.write('ready\n')
