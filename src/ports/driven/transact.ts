import type { Result } from '../../domain/shared/result.ts'
import type { IdempotencyKeys } from './accounts/idempotency-keys.ts'
import type { Registrations } from './accounts/registrations.ts'
import type { Users } from './accounts/users.ts'
import type { AuditTrail } from './audit/audit-trail.ts'
import type { Identities } from './oauth/identities.ts'
import type { Credentials } from './passwords/credentials.ts'
import type { PasswordSignIns } from './sessions/password-sign-ins.ts'
import type { Sessions } from './sessions/sessions.ts'

/** The stores of one database. Outside a transaction each call commits by itself. */
export type Stores = {
  readonly users: Users
  readonly credentials: Credentials
  readonly registrations: Registrations
  readonly passwordSignIns: PasswordSignIns
  readonly sessions: Sessions
  readonly identities: Identities
  readonly idempotencyKeys: IdempotencyKeys
  readonly audit: AuditTrail
}

/**
 * Runs the work on stores that are bound to one transaction. A refusal or an exception rolls everything back, events
 * included. The work must wait for nothing but these stores: it holds a database connection.
 */
export type Transact = <T, R>(
  work: (stores: Stores) => Promise<Result<T, R>>,
) => Promise<Result<T, R>>
