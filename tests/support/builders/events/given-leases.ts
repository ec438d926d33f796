import { sql } from 'drizzle-orm'
import type { Database } from '../../../../src/adapters/postgres/driver/database.ts'
import { makeLeases } from '../../../../src/adapters/postgres/events/leases.ts'
import type { LeasesUnderTest } from '../../../contract/ports/events/leases.contract.ts'

/** The leases of a database, with no instance alive. */
export const givenLeases = async (database: Database): Promise<LeasesUnderTest> => {
  const { db } = database
  await db.execute(sql`update relay_leases set owner = null, expires_at = '-infinity'`)
  await db.execute(sql`delete from relay_instances`)
  return {
    leases: makeLeases(database),
    lapse: async (instance) => {
      await db.execute(
        sql`update relay_leases set expires_at = clock_timestamp() where owner = ${instance}`,
      )
      await db.execute(
        sql`update relay_instances set expires_at = clock_timestamp() where instance = ${instance}`,
      )
    },
  }
}
