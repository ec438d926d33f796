import type { User } from '../../../domain/accounts/user.ts'
import type { Session } from '../../../domain/sessions/session.ts'
import type { AddressPrefix } from '../../../domain/shared/address-prefix.ts'
import type { AuditEntry } from '../audit/audit-trail.ts'

export type PasswordSignIn = {
  /** The session to open, for its user. */
  readonly session: Session
  readonly addressPrefix: AddressPrefix
  /** The hash that the password was compared with. */
  readonly passwordHash: string
  readonly entry: AuditEntry
  /** How many sessions an account keeps. */
  readonly keep: number
}

export type OpenedSession = {
  readonly user: User
  /**
   * False when the account has at most `keep` sessions, this one included. Of any number of sign-ins at once, each counts the
   * sessions of those before it.
   */
  readonly mayHaveSurplus: boolean
}

/** Sign-ins whose password was verified. */
export type PasswordSignIns = {
  /**
   * Does all of this in one step: stores the session, appends the audit entry, clears this address's failures and
   * remembers the address as known. The decision is made on the account as it is at that moment. Answers null, and
   * changes nothing, when the account was deleted or is not active, when its hash is another one by now, and when it
   * has reached the cap of consecutive failures and the address was not known.
   */
  openSession(signIn: PasswordSignIn): Promise<OpenedSession | null>
}
