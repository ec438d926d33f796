import type { SQL } from 'drizzle-orm'
import { getTableColumns, sql } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import type { Admission, Admissions } from '../../ports/driven/admissions.ts'
import type { Handle } from './database.ts'
import { attempt } from './faults.ts'
import { readRow, rowsOf } from './rows.ts'
import { BELOW_CAP_OR_KNOWN, cleared, remembering } from './sign-in-success.ts'
import { auditLog, sessions, users } from './tables.ts'
import { userOf } from './users.ts'

export const makeAdmissions = (db: Handle, traceId: () => string | null): Admissions => ({
  admit: async (admission) => {
    const [row] = rowsOf(await attempt(db.execute(statement(admission, traceId()))))
    return row === undefined ? null : userOf(readRow(users, row))
  },
})

// A hash is compared under the lock of its row, so that one which is replaced in between opens nothing.
const statement = (
  { session, passwordHash, addressPrefix, entry }: Admission,
  traceId: string | null,
): SQL => sql`
  with ${remembering(
    { user: session.userId, prefix: addressPrefix, now: session.createdAt },
    sql`
    update credentials as kept set ${cleared(addressPrefix)} from held
    where kept.user_id = held.id and held.is_active and kept.password_hash = ${passwordHash}::text
      and ${BELOW_CAP_OR_KNOWN}
    returning user_id`,
  )},
  begun as (${insertion(sessions, session)} from entered),
  noted as (${insertion(auditLog, { ...entry, traceId })} from entered)
  select held.* from held, entered`

/** An insertion of one row of values, to be followed by where each comes from. */
const insertion = (table: PgTable, values: Readonly<Record<string, unknown>>): SQL => {
  const columns = Object.entries(getTableColumns(table))
  const names = columns.map(([, { name }]) => sql.identifier(name))
  const cells = columns.map(
    ([key, column]) =>
      sql`${sql.param(values[key] ?? null, column)}::${sql.raw(column.getSQLType())}`,
  )
  return sql`insert into ${table} (${sql.join(names, sql`, `)}) select ${sql.join(cells, sql`, `)}`
}
