import type { PublishedState, User } from '../../../domain/accounts/user.ts'
import type { Announcement } from '../../../domain/events/user-event.ts'
import type { Session } from '../../../domain/sessions/session.ts'
import type { AddressPrefix } from '../../../domain/shared/address-prefix.ts'
import type { Result } from '../../../domain/shared/result.ts'
import type { AuditEntry } from '../audit/audit-trail.ts'
import type { IdempotentRequest } from './idempotency-keys.ts'
import type { NameConflict, UsernameForms } from './users.ts'

export type Enrolment = {
  readonly state: PublishedState
  readonly forms: UsernameForms
  readonly passwordHash: string
  /** To begin now; whose it is, is the id of the new user. */
  readonly session: Session
  readonly addressPrefix: AddressPrefix
  readonly announcement: Announcement
  readonly entry: AuditEntry
  /** The claimed request that asks for it; null when it has no key. */
  readonly request: IdempotentRequest | null
}

/** Accounts that somebody makes for themselves. */
export type Enrolments = {
  /**
   * In one step stores version 1 of the user with its password, remembers the address as known, begins the session, appends the
   * entry to the audit trail, completes the request and announces `created`. With a name that is taken nothing of it is done.
   */
  enrol(enrolment: Enrolment): Promise<Result<User, NameConflict>>
}
