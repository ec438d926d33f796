import { PGlite } from '@electric-sql/pglite'
import { drizzle } from 'drizzle-orm/pglite'
import type { Database } from './database.ts'
import { keepStatements } from './kept-statements.ts'

const ANSWER_WITHIN_MS = 1000

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
  isAvailable: () => answers(client),
})

const answers = async (client: PGlite): Promise<boolean> => {
  const answered = client.query('select 1').then(
    () => true,
    () => false,
  )
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, ANSWER_WITHIN_MS, false)
  })
  return Promise.race([answered, late]).finally(() => clearTimeout(timer))
}
