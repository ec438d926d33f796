import { PGlite } from '@electric-sql/pglite'
import { drizzle } from 'drizzle-orm/pglite'
import type { Database } from './database.ts'
import { answersInTime } from './database.ts'
import { withPreparedStatements } from './prepared-statements.ts'

/**
 * PostgreSQL inside this process, stored in a folder, or in memory only with `memory:`. PGlite does not lock its folder,
 * so the caller makes sure that no other process has it open.
 */
export const openPglite = async (dataDir: string): Promise<Database> => {
  try {
    return pgliteDatabase(await PGlite.create(dataDir === 'memory:' ? 'memory://' : dataDir))
  } catch (fault) {
    const code = systemCodeOf(fault)
    throw code === null ? fault : new UnwritableFiles(code)
  }
}

/** The embedded database cannot write its files. */
export class UnwritableFiles extends Error {
  override readonly name = 'UnwritableFiles'
  constructor(
    /** The error code of the system, like ENOSPC. */
    readonly code: string,
  ) {
    super(`the embedded database cannot write its files (${code})`)
  }
}

// PGlite throws objects with the error numbers of WASI, which are those of no system.
const SYSTEM_CODES: Readonly<Record<number, string>> = {
  2: 'EACCES',
  19: 'EDQUOT',
  29: 'EIO',
  51: 'ENOSPC',
  63: 'EPERM',
  69: 'EROFS',
}

const systemCodeOf = (fault: unknown): string | null =>
  typeof fault === 'object' && fault !== null && 'errno' in fault
    ? (SYSTEM_CODES[Number(fault.errno)] ?? null)
    : null

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
