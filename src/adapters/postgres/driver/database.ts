import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'

/** A database or one of its transactions: both run statements, and both are the same for every driver. */
export type Handle = PgDatabase<PgQueryResultHKT>

/** An open database, with any driver. */
export type Database = {
  readonly db: Handle
  /**
   * The same database for work that no request waits for. It uses a few connections, and only one while requests wait for
   * connections.
   */
  readonly background: Handle
  /** A second call does nothing. */
  close(): Promise<void>
  /** True when the database answers within 1 s. Never throws. */
  isAvailable(): Promise<boolean>
  /** True when hardly any request has used the database for a quarter of a second. */
  isQuiet(): boolean
}

const ANSWER_WITHIN_MS = 1000

/** True when the query is answered within 1 s. Never throws. */
export const answersInTime = async (query: Promise<unknown>): Promise<boolean> => {
  const answered = query.then(
    () => true,
    () => false,
  )
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, ANSWER_WITHIN_MS, false)
  })
  return Promise.race([answered, late]).finally(() => clearTimeout(timer))
}
