import type { SQL } from 'drizzle-orm'
import type { Database, Handle } from '../../../../src/adapters/postgres/driver/database.ts'
import { attempt, StatementFault } from '../../../../src/adapters/postgres/driver/faults.ts'

/** The constraint that refused the statements, run and committed as one transaction; null when they passed. */
export const refusalOf = (
  { db }: Database,
  ...statements: readonly SQL[]
): Promise<string | null> =>
  refusalOfWork(db, async (tx) => {
    for (const statement of statements) await tx.execute(statement)
  })

/** The same for work on a transaction. */
export const refusalOfWork = async (
  db: Handle,
  work: (tx: Handle) => Promise<void>,
): Promise<string | null> => {
  try {
    await attempt(db.transaction(work))
    return null
  } catch (fault) {
    if (fault instanceof StatementFault) return fault.constraint
    throw fault
  }
}
