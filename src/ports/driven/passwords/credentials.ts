import type { Identifier } from '../../../domain/accounts/identifier.ts'
import type { User } from '../../../domain/accounts/user.ts'
import type { AddressPrefix } from '../../../domain/shared/address-prefix.ts'
import type { UserId } from '../../../domain/shared/ids.ts'

/** Everything that the decision about one sign-in needs, read in one step. */
export type SignInRecord = {
  readonly user: User
  /** PHC string; null for accounts that only sign in through a provider. */
  readonly passwordHash: string | null
  /**
   * Failed sign-ins in a row over all addresses. They halve every 24 hours. A successful sign-in clears the failures of its
   * own address, and all of them when the address was known.
   */
  readonly consecutiveFailures: number
  /** True when somebody signed in to this account from this address prefix in the last 30 days. */
  readonly knownPrefix: boolean
}

/** What opens an account, as it was when the account was locked. */
export type LockedAccount = {
  /** PHC string; null for accounts that only sign in through a provider. */
  readonly passwordHash: string | null
  readonly revocations: Revocations
}

/**
 * How often everything that was granted for an account has been revoked: by sign out everywhere, a new password, the
 * unlinking of an identity, or a deactivation. Whatever can become a session carries the number under which it was made,
 * and opens something only while that is the account's number. A number needs no clock.
 */
export type Revocations = number

/** Password hashes and failed sign-ins. They are apart from `Users` because changing them announces no event. */
export type Credentials = {
  /** Null when no account has this identifier. */
  forSignIn(identifier: Identifier, prefix: AddressPrefix, now: Date): Promise<SignInRecord | null>
  /** Null when the account does not exist or has no password. */
  passwordHash(user: UserId): Promise<string | null>
  /**
   * Locks an account until the end of the transaction. Meanwhile nothing else replaces its password, opens a session of
   * it or deletes it. Take this lock before any other lock on rows of the user. Null when the account does not exist.
   */
  lock(user: UserId): Promise<LockedAccount | null>
  /** The account's number of revocations now, without a lock. Whoever opens something compares it again under `lock`. */
  revocations(user: UserId): Promise<Revocations>
  /** Revokes everything that was granted before and has not become a session yet. `Sessions.endAll` does this too. */
  revoke(user: UserId): Promise<void>
  setPasswordHash(user: UserId, hash: string): Promise<void>
  /** Replaces the hash only when it is still `from`, the one that was verified; otherwise changes nothing. */
  rehash(user: UserId, from: string, to: string): Promise<void>
  /**
   * Counts one more failure from this address. At the cap of 100 it counts nothing. For null (no such account) it takes as
   * long and counts nothing.
   */
  signInFailed(user: UserId | null, prefix: AddressPrefix, now: Date): Promise<void>
  /**
   * Clears this address's failures, or all when the address was known, and remembers the address as known. Answers false, and changes nothing, when the
   * account has reached the cap of consecutive failures and the address was not known.
   */
  signInSucceeded(user: UserId, prefix: AddressPrefix, now: Date): Promise<boolean>
  /** Clears all failures. Does nothing when the account does not exist. */
  clearFailures(user: UserId): Promise<void>
}
