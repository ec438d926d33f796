import { Pool } from 'pg'
import type { PeerOptions } from '../figures/outbox-comparison.ts'
import { serveChanges } from '../load/open-model.ts'

// Commits changes of users at a constant rate (see load/open-model.ts), each with its message in the outbox of
// pg-transactional-outbox. One statement writes both, as in our service. So the four round trips that the library itself
// needs to store a message are not measured.

const { databaseUrl, rate, users, payload }: PeerOptions = JSON.parse(process.argv[2] ?? '')
const pool = new Pool({ connectionString: databaseUrl, max: 20 })

await pool.query(`
  create table users (id integer primary key, version bigint not null, is_active boolean not null,
    updated_at timestamptz not null)`)
await pool.query(
  'insert into users select id, 0, true, now() from generate_series(1, $1::int) id',
  [users],
)

const CHANGE = `
  with changed as (
    update users set version = version + 1, is_active = not is_active, updated_at = clock_timestamp()
    where id = $1 returning id::text, version
  )
  insert into outbox (id, aggregate_type, aggregate_id, message_type, segment, payload, metadata)
  select $2, 'user', id, 'updated', id, $3, jsonb_build_object('version', version) from changed`

const state = JSON.stringify(payload)
let turns = 0

await serveChanges(rate, () => {
  turns += 1
  const values = [(turns % users) + 1, crypto.randomUUID(), state]
  return pool.query({ name: 'change', text: CHANGE, values })
})
process.exit(0)
