import { PGlite } from '@electric-sql/pglite'
import { drizzle } from 'drizzle-orm/pglite'
import { answersInTime } from './answers-in-time.ts'
import type { Database } from './database.ts'
import { keepStatements } from './kept-statements.ts'

/**
 * PostgreSQL inside this process, kept in a folder, or nowhere with `memory:`. PGlite takes no lock on its folder:
 * the caller makes sure that nobody else has it open.
 */
export const openPglite = async (dataDir: string): Promise<Database> =>
  pgliteDatabase(await PGlite.create(dataDir === 'memory:' ? 'memory://' : dataDir))

/** The database behind an open PGlite. */
export const pgliteDatabase = (client: PGlite): Database => ({
  db: drizzle(keepStatements(client)),
  close: async () => {
    if (!client.closed) await client.close()
  },
  isAvailable: () => answersInTime(client.query('select 1')),
})
