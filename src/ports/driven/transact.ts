import type { Result } from '../../domain/shared/result.ts'
import type { IdempotencyKeys } from './accounts/idempotency-keys.ts'
import type { Enrolments } from './accounts/registrations.ts'
import type { Users } from './accounts/users.ts'
import type { AuditTrail } from './audit/audit-trail.ts'
import type { Identities } from './oauth/identities.ts'
import type { Credentials } from './passwords/credentials.ts'
import type { Admissions } from './sessions/password-sign-ins.ts'
import type { Sessions } from './sessions/sessions.ts'

/** The stores of one database: outside a transaction each call stands for itself. */
export type Stores = {
  readonly users: Users
  readonly credentials: Credentials
  readonly admissions: Admissions
  readonly enrolments: Enrolments
  readonly sessions: Sessions
  readonly identities: Identities
  readonly idempotencyKeys: IdempotencyKeys
  readonly audit: AuditTrail
}

/**
 * Runs the work on stores bound to one transaction. A refusal or an exception rolls everything back,
 * events included. Nothing but these stores may be waited for inside.
 */
export type Transact = <T, R>(
  work: (stores: Stores) => Promise<Result<T, R>>,
) => Promise<Result<T, R>>
