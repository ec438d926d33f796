import type { User } from '../../../domain/accounts/user.ts'
import type { AddressPrefix } from '../../../domain/shared/address-prefix.ts'
import type { UserId } from '../../../domain/shared/ids.ts'
import type { Identifier } from '../accounts/users.ts'

/** All that deciding about one sign-in needs, read in one step. */
export type SignInRecord = {
  readonly user: User
  /** PHC string; null for accounts that only sign in through a provider. */
  readonly passwordHash: string | null
  /** Failures in a row over all addresses, each address cleared by a sign-in from it. */
  readonly consecutiveFailures: number
  /** Somebody signed in to this account from this address prefix in the last 30 days. */
  readonly knownPrefix: boolean
}

/** Password hashes and the memory of failed sign-ins. A rehash is no event, so they live apart from users. */
export type Credentials = {
  forSignIn(identifier: Identifier, prefix: AddressPrefix, now: Date): Promise<SignInRecord | null>
  passwordHash(user: UserId): Promise<string | null>
  setPasswordHash(user: UserId, hash: string): Promise<void>
  /** Replaces a hash only if it is still the one that was verified; otherwise changes nothing. */
  rehash(user: UserId, from: string, to: string): Promise<void>
  /** Counts one more failure from this address, up to the cap. For nobody (null) it takes as long and counts for nothing. */
  signInFailed(user: UserId | null, prefix: AddressPrefix, now: Date): Promise<void>
  /**
   * Clears this address's failures and remembers it as known. False, and nothing changed, when the account
   * has reached the cap of consecutive failures and the address was not known.
   */
  signInSucceeded(user: UserId, prefix: AddressPrefix, now: Date): Promise<boolean>
}
