import type { SQL } from 'drizzle-orm'
import { sql } from 'drizzle-orm'
import type { Enrolment, Enrolments } from '../../../ports/driven/accounts/registrations.ts'
import type { Handle } from '../driver/database.ts'
import { written } from '../driver/rows.ts'
import { auditLog, sessions } from '../driver/tables.ts'
import { completion } from './idempotency-keys.ts'
import type { UsersNeeds } from './users.ts'
import { insertUser, makeChange } from './users.ts'

export const makeEnrolments = (
  db: Handle,
  needs: UsersNeeds,
  traceId: () => string | null,
): Enrolments => {
  const change = makeChange(db, needs)
  return {
    enrol: (enrolment) => {
      const { session, state, forms, announcement } = enrolment
      const belongings = belongingsOf(enrolment, traceId())
      return insertUser(change, [session.userId, state, forms, announcement], belongings)
    },
  }
}

const belongingsOf = (
  { passwordHash, session, addressPrefix, entry, request }: Enrolment,
  traceId: string | null,
): SQL => {
  const now = sql`${session.createdAt.toISOString()}::text::timestamptz`
  return sql`,
    kept as (
      insert into credentials (user_id, password_hash) select id, ${passwordHash}::text from saved
    ),
    remembered as (
      insert into sign_in_prefixes (user_id, prefix, last_success_at) select id, ${addressPrefix}::text, ${now} from saved
    ),
    begun as (${written(sessions, session)} from saved),
    noted as (${written(auditLog, { ...entry, traceId })} from saved)
    ${request === null ? sql`` : sql`, completed as (${completion(request, now)})`}`
}
