import type { PublishedState } from '../accounts/user.ts'
import type { UserId } from '../shared/ids.ts'

/** A rebase adds a multiple of this to every version, so that no consumer has seen the new versions before. */
export const REBASE_STEP = 1_000_000

/** A user as the last event on the stream describes them. */
export type PublishedUser = {
  readonly userId: UserId
  readonly version: number
  readonly state: PublishedState
}

export type RebaseCounts = {
  /** Users whose version was raised. */
  readonly lifted: number
  /** Users whom only consumers know. They were announced as deleted. */
  readonly deleted: number
}
