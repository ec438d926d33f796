import type { SQL } from 'drizzle-orm'
import { sql } from 'drizzle-orm'
import type {
  NewRegistration,
  Registrations,
} from '../../../ports/driven/accounts/registrations.ts'
import type { Handle } from '../driver/database.ts'
import { insertSelect } from '../driver/rows.ts'
import { auditLog, sessions } from '../driver/tables.ts'
import { completeRequest } from './idempotency-keys.ts'
import type { UsersNeeds } from './users.ts'
import { makeInsertUser } from './users.ts'

export const makeRegistrations = (
  db: Handle,
  needs: UsersNeeds,
  traceId: () => string | null,
): Registrations => {
  const insertUser = makeInsertUser(db, needs)
  return {
    register: (registration) => {
      const { session, state, forms, announcement } = registration
      const user = { id: session.userId, state, forms, announcement }
      return insertUser(user, rowsOfUser(registration, traceId()))
    },
  }
}

/** The queries that write the other rows of the new user, which is in `saved`. */
const rowsOfUser = (
  { passwordHash, session, addressPrefix, entry, request }: NewRegistration,
  traceId: string | null,
): SQL => {
  const now = sql`${session.createdAt.toISOString()}::text::timestamptz`
  return sql`,
    credential as (
      insert into credentials (user_id, password_hash) select id, ${passwordHash}::text from saved
    ),
    known_prefix as (
      insert into sign_in_prefixes (user_id, prefix, last_success_at) select id, ${addressPrefix}::text, ${now} from saved
    ),
    started as (${insertSelect(sessions, session)} from saved),
    audited as (${insertSelect(auditLog, { ...entry, traceId })} from saved)
    ${request === null ? sql`` : sql`, completed as (${completeRequest(request, now)})`}`
}
