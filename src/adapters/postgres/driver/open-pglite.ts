import { PGlite } from '@electric-sql/pglite'
import { drizzle } from 'drizzle-orm/pglite'
import type { Database } from './database.ts'
import { answersInTime } from './database.ts'
import { withPreparedStatements } from './prepared-statements.ts'

/**
 * PostgreSQL inside this process, stored in a folder, or in memory only with `memory:`. PGlite does not lock its folder,
 * so the caller makes sure that no other process has it open.
 */
export const openPglite = async (dataDir: string): Promise<Database> =>
  pgliteDatabase(await PGlite.create(dataDir === 'memory:' ? 'memory://' : dataDir))

/** The database of an open PGlite client. */
export const pgliteDatabase = (client: PGlite): Database => {
  const db = drizzle(withPreparedStatements(client))
  return {
    db,
    // There is only one connection.
    background: db,
    close: async () => {
      if (!client.closed) await client.close()
    },
    isAvailable: () => answersInTime(client.query('select 1')),
    isQuiet: () => true,
  }
}
