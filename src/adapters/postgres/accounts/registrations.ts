import { sql } from 'drizzle-orm'
import type { Registrations } from '../../../ports/driven/accounts/registrations.ts'
import type { Handle } from '../driver/database.ts'
import { insertSelect, namedInstant } from '../driver/rows.ts'
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
      const { session, state, forms, announcement, passwordHash, addressPrefix } = registration
      const { entry, request } = registration
      const user = { id: session.userId, state, forms, announcement }
      const values = {
        passwordHash,
        addressPrefix,
        session,
        now: session.createdAt.toISOString(),
        entry: { ...entry, traceId: traceId() },
        request,
      }
      const queries = request === null ? ROWS_OF_USER : ROWS_AND_REQUEST
      return insertUser(user, { queries, values })
    },
  }
}

const NOW = namedInstant('now')

// The queries that write the other rows of the new user, which is in `saved`.
const ROWS_OF_USER = sql`,
    credential as (
      insert into credentials (user_id, password_hash) select id, ${sql.placeholder('passwordHash')}::text from saved
    ),
    known_prefix as (
      insert into sign_in_prefixes (user_id, prefix, last_success_at)
      select id, ${sql.placeholder('addressPrefix')}::text, ${NOW} from saved
    ),
    started as (${insertSelect(sessions, 'session')} from saved),
    audited as (${insertSelect(auditLog, 'entry')} from saved)`

const ROWS_AND_REQUEST = sql`${ROWS_OF_USER}, completed as (${completeRequest(NOW)})`
