import type { PublishedState, User } from '../../../domain/accounts/user.ts'
import type { Announcement } from '../../../domain/events/user-event.ts'
import type { Session } from '../../../domain/sessions/session.ts'
import type { AddressPrefix } from '../../../domain/shared/address-prefix.ts'
import type { Result } from '../../../domain/shared/result.ts'
import type { AuditEntry } from '../audit/audit-trail.ts'
import type { IdempotentRequest } from './idempotency-keys.ts'
import type { NameConflict, UsernameForms } from './users.ts'

export type NewRegistration = {
  readonly state: PublishedState
  readonly forms: UsernameForms
  readonly passwordHash: string
  /** The first session. Its user id becomes the id of the new user. */
  readonly session: Session
  readonly addressPrefix: AddressPrefix
  readonly announcement: Announcement
  readonly entry: AuditEntry
  /** The claimed idempotent request; null when the client sent no key. */
  readonly request: IdempotentRequest | null
}

/** Accounts that people create for themselves. */
export type Registrations = {
  /**
   * Does all of this in one step: stores version 1 of the user with the password hash, remembers the address as
   * known, starts the session, appends the audit entry, completes the idempotent request and announces `created`. Does
   * none of it when the email address or the username is taken.
   */
  register(registration: NewRegistration): Promise<Result<User, NameConflict>>
}
