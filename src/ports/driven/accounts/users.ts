import type { Email } from '../../../domain/accounts/email.ts'
import type { PublishedField, PublishedState, User } from '../../../domain/accounts/user.ts'
import type { CanonicalUsername, UsernameSkeleton } from '../../../domain/accounts/username.ts'
import type { Announcement } from '../../../domain/events/user-event.ts'
import type { UserId } from '../../../domain/shared/ids.ts'
import type { Result } from '../../../domain/shared/result.ts'

/** A username beside the two forms that keep it unique. */
export type UsernameForms = {
  readonly canonical: CanonicalUsername
  readonly skeleton: UsernameSkeleton
}

export type NameConflict =
  | { kind: 'email-taken' }
  | { kind: 'username-taken' }
  /** Another user's name looks the same. */
  | { kind: 'username-confusable' }

/**
 * Users in their published state. There is no way to change one without its event: each writing member
 * commits the change, its ledger entry and its deliveries together, or nothing.
 */
export type Users = {
  find(id: UserId): Promise<User | null>
  byIdentifier(identifier: Identifier): Promise<User | null>
  /** Stores version 1 and announces `created`. */
  insert(
    id: UserId,
    state: PublishedState,
    forms: UsernameForms,
    announcement: Announcement,
  ): Promise<Result<User, NameConflict>>
  /**
   * Replaces the state of exactly the version that the decision was made on and announces `updated`.
   * `stale` when the user has another version by now, or is gone.
   */
  update(
    before: User,
    after: PublishedState,
    changed: readonly PublishedField[],
    forms: UsernameForms,
    announcement: Announcement,
  ): Promise<Result<User, NameConflict | { kind: 'stale' }>>
  /**
   * Removes exactly this version with all that belongs to the user, and announces `deleted` at the next version.
   */
  remove(user: User, announcement: Announcement): Promise<Result<null, { kind: 'stale' }>>
  /** Counts active administrators and holds that number until the transaction ends: two cannot both be the last. */
  lockActiveAdmins(): Promise<number>
}

/** How somebody who signs in names an account. */
export type Identifier =
  | { readonly kind: 'email'; readonly email: Email }
  | { readonly kind: 'username'; readonly canonical: CanonicalUsername }
