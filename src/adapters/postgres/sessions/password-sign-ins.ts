import type { SQL } from 'drizzle-orm'
import { sql } from 'drizzle-orm'
import type {
  PasswordSignIn,
  PasswordSignIns,
} from '../../../ports/driven/sessions/password-sign-ins.ts'
import type { Handle } from '../driver/database.ts'
import { attempt } from '../driver/faults.ts'
import { insertSelect, readRow, rowsOf } from '../driver/rows.ts'
import { auditLog, sessions, userOf, users } from '../driver/tables.ts'
import { belowCapOrKnown, clearedFailures, signInSuccess } from '../passwords/sign-in-success.ts'

export const makePasswordSignIns = (db: Handle, traceId: () => string | null): PasswordSignIns => ({
  openSession: async (signIn) => {
    const [row] = rowsOf(await attempt(db.execute(openSession(signIn, traceId()))))
    return row === undefined ? null : userOf(readRow(users, row))
  },
})

// The hash is compared under the row's lock, so that a hash that was replaced meanwhile opens no session.
const openSession = (
  { session, passwordHash, addressPrefix, entry }: PasswordSignIn,
  traceId: string | null,
): SQL => {
  const success = { user: session.userId, prefix: addressPrefix, now: session.createdAt }
  return sql`
  with ${signInSuccess(
    success,
    sql`
    update credentials as credential set ${clearedFailures(success)} from held
    where credential.user_id = held.id and held.is_active and credential.password_hash = ${passwordHash}::text
      and ${belowCapOrKnown(success)}
    returning user_id`,
  )},
  started as (${insertSelect(sessions, session)} from succeeded),
  audited as (${insertSelect(auditLog, { ...entry, traceId })} from succeeded)
  select held.* from held, succeeded`
}
