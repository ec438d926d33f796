import type { Result } from '../../domain/result.ts'
import type { Admissions } from './admissions.ts'
import type { AuditTrail } from './audit-trail.ts'
import type { Credentials } from './credentials.ts'
import type { Enrolments } from './enrolments.ts'
import type { IdempotencyKeys } from './idempotency-keys.ts'
import type { Identities } from './identities.ts'
import type { Sessions } from './sessions.ts'
import type { Users } from './users.ts'

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
