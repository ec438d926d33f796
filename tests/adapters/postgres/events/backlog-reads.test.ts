import { expect, test } from 'bun:test'
import { sql } from 'drizzle-orm'
import postgres from 'postgres'
import type { Handle } from '../../../../src/adapters/postgres/driver/database.ts'
import { migrate } from '../../../../src/adapters/postgres/driver/migrate.ts'
import { openPostgres } from '../../../../src/adapters/postgres/driver/open-postgres.ts'
import { rowsOf } from '../../../../src/adapters/postgres/driver/rows.ts'
import { makeDeliveries } from '../../../../src/adapters/postgres/events/deliveries.ts'
import { ALL_SHARDS } from '../../../support/builders/events/given-events.ts'
import { writeBacklog } from '../../../support/builders/events/write-backlog.ts'
import { postgresAt } from '../../../support/servers/addresses.ts'
import { givenPostgresOfEachVersion } from '../../../support/servers/postgres/given-postgres.ts'

const LIMIT = 100
const query = {
  channel: 'nats:user.events',
  shards: ALL_SHARDS,
  except: [],
  limit: LIMIT,
  now: new Date(),
} as const

/** How many rows the statements of this transaction have read, whether they were of use or not. */
const rowsRead = async (tx: Handle): Promise<number> => {
  const answer = await tx.execute(sql`
    select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::integer as read from pg_stat_xact_user_tables
    where relname like 'outbox%'`)
  return Number(rowsOf<{ read: unknown }>(answer)[0]?.read)
}

for (const { major, url } of await givenPostgresOfEachVersion())
  test(`PostgreSQL ${major} reads of a backlog that has just arisen no more than is taken out`, async () => {
    const database = openPostgres({ address: postgresAt(url), applicationName: 'under-test' })
    await migrate(database)
    const writer = postgres(url, { max: 1 })
    await writeBacklog(writer, 10_000)
    await writer.end()
    await database.db.transaction(async (tx) => {
      const due = await makeDeliveries({ ...database, db: tx }).due(query)
      expect(due).toHaveLength(LIMIT)
      // Each once in the outbox and once in the ledger.
      expect(await rowsRead(tx)).toBeLessThanOrEqual(2 * LIMIT + 10)
    })
    await database.close()
  })
