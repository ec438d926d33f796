import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'

/** What runs statements: a whole database, or one of its transactions. The same for every driver. */
export type Handle = PgDatabase<PgQueryResultHKT>

/** An open database, whatever drives it. */
export type Database = {
  readonly db: Handle
  /** Closing twice is no error. */
  close(): Promise<void>
  /** Whether it answers now, within a second. Never throws. */
  isAvailable(): Promise<boolean>
}
