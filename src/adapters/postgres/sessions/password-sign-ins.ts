import type { SQL } from 'drizzle-orm'
import { sql } from 'drizzle-orm'
import type { Admission, Admissions } from '../../../ports/driven/sessions/password-sign-ins.ts'
import { userOf } from '../accounts/users.ts'
import type { Handle } from '../driver/database.ts'
import { attempt } from '../driver/faults.ts'
import { readRow, rowsOf, written } from '../driver/rows.ts'
import { auditLog, sessions, users } from '../driver/tables.ts'
import { BELOW_CAP_OR_KNOWN, cleared, remembering } from '../passwords/sign-in-success.ts'

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
  begun as (${written(sessions, session)} from entered),
  noted as (${written(auditLog, { ...entry, traceId })} from entered)
  select held.* from held, entered`
