import type { User } from '../../../domain/accounts/user.ts'
import type { Session } from '../../../domain/sessions/session.ts'
import type { AddressPrefix } from '../../../domain/shared/address-prefix.ts'
import type { AuditEntry } from '../audit/audit-trail.ts'

export type Admission = {
  /** To begin now, for its user. */
  readonly session: Session
  readonly addressPrefix: AddressPrefix
  /** The hash that the password was compared with. */
  readonly passwordHash: string
  readonly entry: AuditEntry
}

/** Lets in who has proved the password of an account. */
export type Admissions = {
  /**
   * In one step begins the session, appends the entry to the audit trail, clears this address's failures and remembers it as known.
   * All of it is decided on the account as it is by then: null, and nothing changed, when it is not active or not there any more, when
   * its hash is another one, and when it has reached the cap of consecutive failures and the address was not known.
   */
  admit(admission: Admission): Promise<User | null>
}
