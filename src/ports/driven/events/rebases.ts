import type { PublishedState } from '../../../domain/accounts/user.ts'
import type { EventId, UserId } from '../../../domain/shared/ids.ts'

/** Somebody as consumers were last told. */
export type ToldUser = {
  readonly userId: UserId
  readonly version: number
  readonly state: PublishedState
}

export type Rebased = {
  /** Users who have a higher version now. */
  readonly lifted: number
  /** Users of whom consumers know, who are not here, and who were announced as deleted. */
  readonly deleted: number
}

/** The versions of a database that was restored, and has forgotten what consumers know. */
export type Rebases = {
  /** Those of the given ids that no user has. */
  strangers(ids: readonly UserId[]): Promise<UserId[]>
  /**
   * Adds so much, a multiple of a million, to the version of every user and announces each as `updated`, and announces
   * as `deleted` whom of the `vanished` no user is, as far above the version they were told at. All in one barrier: each
   * change of a user comes before it or after it, and either all of it is committed or nothing.
   */
  leap(by: number, vanished: readonly ToldUser[], nextEventId: () => EventId): Promise<Rebased>
}
