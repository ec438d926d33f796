import type { SQL } from 'drizzle-orm'
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
  KNOWN_SINCE,
  NOW,
  PREFIX,
  signInSuccess,
  valuesOfSignIn,
} from '../passwords/sign-in-success.ts'

export const makePasswordSignIns = (db: Handle, traceId: () => string | null): PasswordSignIns => ({
  openSession: async ({ session, passwordHash, addressPrefix, entry, keep }) => {
    const values = {
      ...valuesOfSignIn(addressPrefix, session.createdAt),
      user: session.userId,
      passwordHash,
      session,
      entry: { ...entry, traceId: traceId() },
      keep,
    }
    const opened = async (statement: SQL) =>
      rowsOf<OpenedColumns>(await attempt(db.execute(statement)))[0]
    const row = (await opened(openUsualSession(values))) ?? (await opened(openSession(values)))
    return row === undefined
      ? null
      : { user: userOf(readRow(users, row)), mayHaveSurplus: row.may_have_surplus }
  },
})

type Values = SignInValues & {
  readonly passwordHash: string
  readonly session: Session
  readonly entry: AuditEntry & { readonly traceId: string | null }
  readonly keep: number
}

type OpenedColumns = { readonly may_have_surplus: boolean }

const PASSWORD_HASH = sql`${sql.placeholder('passwordHash')}::text`

const MAY_HAVE_SURPLUS = sql`
  has_other_sessions(held.id, ${sql.placeholder('session.id')}::uuid, ${sql.placeholder('keep')}::integer)
    as may_have_surplus`

/**
 * Most sign-ins: from a known address, to an account without failures. There is nothing to clear and nothing to forget, so this
 * takes less time than the statement for all. It answers no row, and changes nothing, when something else has to be done.
 */
const openUsualSession = prepareStatement<Values>(
  () => sql`
  with held as (
    select users.* from users
    join credentials on credentials.user_id = users.id
    join sign_in_prefixes as known on known.user_id = users.id
    where users.id = ${sql.placeholder('user')}::uuid and users.is_active
      and credentials.password_hash = ${PASSWORD_HASH} and credentials.consecutive_failures = 0
      and known.prefix = ${PREFIX} and known.last_success_at > ${KNOWN_SINCE}
    for key share of users for no key update of credentials
  ),
  remembered as (
    update sign_in_prefixes as remembered set last_success_at = greatest(remembered.last_success_at, ${NOW}) from held
    where remembered.user_id = held.id and remembered.prefix = ${PREFIX}
  ),
  started as (${insertSelect(sessions, 'session')} from held),
  audited as (${insertSelect(auditLog, 'entry')} from held)
  select held.*, ${MAY_HAVE_SURPLUS} from held`,
)

// The hash is compared under the row's lock, so that a hash that was replaced meanwhile opens no session.
const openSession = prepareStatement<Values>(
  () => sql`
  with ${signInSuccess(sql`
    update credentials as credential set ${CLEARED_FAILURES} from held
    where credential.user_id = held.id and held.is_active
      and credential.password_hash = ${PASSWORD_HASH} and ${BELOW_CAP_OR_KNOWN}
    returning user_id`)},
  started as (${insertSelect(sessions, 'session')} from succeeded),
  audited as (${insertSelect(auditLog, 'entry')} from succeeded)
  select held.*, ${MAY_HAVE_SURPLUS} from held, succeeded`,
)
