import { expect, test } from 'bun:test'
import { sql } from 'drizzle-orm'
import type { Handle } from '../../../../src/adapters/postgres/driver/database.ts'
import { migrate } from '../../../../src/adapters/postgres/driver/migrate.ts'
import { openPostgres } from '../../../../src/adapters/postgres/driver/open-postgres.ts'
import { rowsOf } from '../../../../src/adapters/postgres/driver/rows.ts'
import { makeSessions } from '../../../../src/adapters/postgres/sessions/sessions.ts'
import {
  NOON,
  noonPlus,
  storedSession,
  storedUser,
} from '../../../support/builders/accounts/stored-users.ts'
import { givenStores } from '../../../support/builders/database/given-stores.ts'
import { LIFETIMES } from '../../../support/builders/sessions/given-sessions.ts'
import { postgresAt } from '../../../support/servers/addresses.ts'
import { givenPostgresOfEachVersion } from '../../../support/servers/postgres/given-postgres.ts'

/** The number of sessions that this transaction has updated, and how many of those without writing an index. */
const updates = async (tx: Handle) => {
  const answer = await tx.execute(sql`
    select n_tup_upd::integer as all, n_tup_hot_upd::integer as heap_only
    from pg_stat_xact_user_tables where relname = 'sessions'`)
  const [row] = rowsOf<{ all: number; heap_only: number }>(answer)
  return { all: row?.all, heapOnly: row?.heap_only }
}

for (const { major, url } of await givenPostgresOfEachVersion())
  test(`PostgreSQL ${major} rotates a session without writing an index, except for the first time of a day`, async () => {
    const database = openPostgres({ address: postgresAt(url), applicationName: 'under-test' })
    await migrate(database)
    const subject = givenStores(database)
    const session = await storedSession(subject, await storedUser(subject))
    await database.db.transaction(async (tx) => {
      const { rotate } = makeSessions(tx, () => null)
      expect(await rotate(session.id, 1, LIFETIMES, NOON)).not.toBeNull()
      expect(await rotate(session.id, 2, LIFETIMES, noonPlus(600))).not.toBeNull()
      expect(await rotate(session.id, 3, LIFETIMES, noonPlus(1200))).not.toBeNull()
      expect(await updates(tx)).toEqual({ all: 3, heapOnly: 3 })
      expect(await rotate(session.id, 4, LIFETIMES, noonPlus(86_400))).not.toBeNull()
      expect(await updates(tx)).toEqual({ all: 4, heapOnly: 3 })
    })
    await database.close()
  })
