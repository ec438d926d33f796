import type { Identifier } from '../../../domain/accounts/identifier.ts'
import type { PublishedField, PublishedState, User } from '../../../domain/accounts/user.ts'
import type { CanonicalUsername, UsernameSkeleton } from '../../../domain/accounts/username.ts'
import type { Announcement } from '../../../domain/events/user-event.ts'
import type { UserId } from '../../../domain/shared/ids.ts'
import type { Result } from '../../../domain/shared/result.ts'

/** The two forms of a username that the store keeps unique. */
export type UsernameForms = {
  readonly canonical: CanonicalUsername
  readonly skeleton: UsernameSkeleton
}

/** Unicode's confusable characters (UTS #39 §4). Two usernames that look alike have the same skeleton. */
export type Confusables = { skeleton(name: CanonicalUsername): UsernameSkeleton }

export type NameConflict =
  | { kind: 'email-taken' }
  | { kind: 'username-taken' }
  /** Another user's username looks the same. */
  | { kind: 'username-confusable' }

/**
 * Users in their published state. A user never changes without an event: each writing member commits the change, its
 * ledger entry and its deliveries together, or nothing.
 */
export type Users = {
  /** Null when there is no such user. */
  find(id: UserId): Promise<User | null>
  /** Null when no user has this email address or username. */
  byIdentifier(identifier: Identifier): Promise<User | null>
  /** Stores version 1 of a new user and announces `created`. */
  insert(
    id: UserId,
    state: PublishedState,
    forms: UsernameForms,
    announcement: Announcement,
  ): Promise<Result<User, NameConflict>>
  /**
   * Replaces the state of exactly the version `before` and announces `updated`. Refuses with `stale` when the user has
   * another version by now, or was deleted. A user who becomes inactive loses what was granted before
   * (`Credentials.revoke`).
   */
  update(
    before: User,
    after: PublishedState,
    changed: readonly PublishedField[],
    forms: UsernameForms,
    announcement: Announcement,
  ): Promise<Result<User, NameConflict | { kind: 'stale' }>>
  /**
   * Deletes exactly this version with all rows that belong to the user, and announces `deleted` at the next version.
   * Refuses with `stale` like `update`.
   */
  remove(user: User, announcement: Announcement): Promise<Result<null, { kind: 'stale' }>>
  /**
   * Counts the active administrators and locks them until the transaction ends, so that two administrators who leave
   * at the same time cannot both count the other one.
   */
  lockActiveAdmins(): Promise<number>
}
