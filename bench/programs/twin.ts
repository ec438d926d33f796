import { Elysia, t } from 'elysia'
import type { JetStreamClient } from 'nats'
import { connect, StorageType } from 'nats'
import postgres from 'postgres'
import { serve } from 'srvx/bun'

// The twin: the least that a change with its event can cost, with the same libraries and servers. One prepared statement
// updates the user and writes a row of a ledger. A relay reads the ledger behind a cursor and publishes to JetStream with
// de-duplication. There are no sessions, no tokens, no checks, no retries, no leases and no receipts.

const {
  DATABASE_URL: url = '',
  NATS_URL: natsUrl = '',
  STREAM: streamName = 'TWIN',
  USERS: users = '200',
} = process.env
const CONNECTIONS = 8
const client = postgres(url, { max: CONNECTIONS, onnotice: () => {} })
const SUBJECT = 'twin.events'

await client`create table if not exists twin_users (
  id integer primary key, version bigint not null, email text not null, username text not null, display_name text,
  updated_at timestamptz not null) with (fillfactor = 85)`
await client`create table if not exists twin_ledger (
  position bigint generated always as identity primary key, user_id integer not null, version bigint not null,
  event_id uuid not null, body jsonb not null)`
await client`
  insert into twin_users
  select number, 1, 'user' || number || '@bench.example', 'user' || number, null, now()
  from generate_series(0, ${Number(users) - 1}::integer) number on conflict do nothing`

const change = (id: number, displayName: string) => client`
  with saved as (
    update twin_users set version = version + 1, display_name = ${displayName}, updated_at = clock_timestamp()
    where id = ${id} returning *
  ), recorded as (
    insert into twin_ledger (user_id, version, event_id, body)
    select id, version, ${crypto.randomUUID()}, jsonb_build_object('email', email, 'username', username,
      'displayName', display_name, 'action', 'updated', 'timestamp', updated_at) from saved
  )
  select * from saved`

const nats = await connect({ servers: natsUrl.split(',') })
await (await nats.jetstreamManager()).streams.add({
  name: streamName,
  subjects: [SUBJECT],
  storage: StorageType.File,
})
const stream = nats.jetstream()

/** The relay of the service collects changes for as long. */
const COLLECT_MS = 5

let wake = (): void => {}
/** Publishes what is behind the cursor. A change that commits after a later position is missed: the twin is no product. */
const relay = async (publisher: JetStreamClient): Promise<never> => {
  const [last] = await client`select coalesce(max(position), 0) as position from twin_ledger`
  let cursor = last?.['position'] ?? 0
  for (;;) {
    const rows = await client`
      select position, event_id, body::text as body from twin_ledger
      where position > ${cursor} order by position limit 256`
    await Promise.all(
      rows.map((row) => publisher.publish(SUBJECT, row['body'], { msgID: row['event_id'] })),
    )
    cursor = rows.at(-1)?.['position'] ?? cursor
    if (rows.length === 0)
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    else await new Promise((resolve) => setTimeout(resolve, COLLECT_MS))
  }
}
relay(stream).catch((fault) => {
  console.error(fault)
  process.exit(1)
})

const application = new Elysia()
  .get('/ready', () => 'ready')
  .patch(
    '/users/:id',
    async ({ params, body }) => {
      const [user] = await change(params.id, body.displayName)
      wake()
      return user
    },
    { params: t.Object({ id: t.Numeric() }), body: t.Object({ displayName: t.String() }) },
  )

const server = serve({
  hostname: '127.0.0.1',
  port: Number(process.env['PORT']),
  silent: true,
  gracefulShutdown: false,
  fetch: application.fetch,
})
await server.ready()
