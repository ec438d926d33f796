import { sql } from 'drizzle-orm'
import type { Session } from '../../../domain/sessions/session.ts'
import type { AuditEntry } from '../../../ports/driven/audit/audit-trail.ts'
import type { PasswordSignIns } from '../../../ports/driven/sessions/password-sign-ins.ts'
import type { Handle } from '../driver/database.ts'
import { attempt } from '../driver/faults.ts'
import { prepareStatement } from '../driver/prepared-statement.ts'
import { insertSelect, readRow, rowsOf } from '../driver/rows.ts'
import { auditLog, sessions, userOf, users } from '../driver/tables.ts'
import type { SignInValues } from '../passwords/sign-in-success.ts'
import {
  BELOW_CAP_OR_KNOWN,
  CLEARED_FAILURES,
  signInSuccess,
  valuesOfSignIn,
} from '../passwords/sign-in-success.ts'

export const makePasswordSignIns = (db: Handle, traceId: () => string | null): PasswordSignIns => ({
  openSession: async ({ session, passwordHash, addressPrefix, entry }) => {
    const statement = openSession({
      ...valuesOfSignIn(addressPrefix, session.createdAt),
      user: session.userId,
      passwordHash,
      session,
      entry: { ...entry, traceId: traceId() },
    })
    const [row] = rowsOf(await attempt(db.execute(statement)))
    return row === undefined ? null : userOf(readRow(users, row))
  },
})

type Values = SignInValues & {
  readonly passwordHash: string
  readonly session: Session
  readonly entry: AuditEntry & { readonly traceId: string | null }
}

// The hash is compared under the row's lock, so that a hash that was replaced meanwhile opens no session.
const openSession = prepareStatement<Values>(
  () => sql`
  with ${signInSuccess(sql`
    update credentials as credential set ${CLEARED_FAILURES} from held
    where credential.user_id = held.id and held.is_active
      and credential.password_hash = ${sql.placeholder('passwordHash')}::text and ${BELOW_CAP_OR_KNOWN}
    returning user_id`)},
  started as (${insertSelect(sessions, 'session')} from succeeded),
  audited as (${insertSelect(auditLog, 'entry')} from succeeded)
  select held.* from held, succeeded`,
)
