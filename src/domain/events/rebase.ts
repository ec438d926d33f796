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
  /** Users whose version an earlier run had raised already, and who have not changed since. */
  readonly liftedBefore: number
  /** Users whom only consumers know. They were announced as deleted. */
  readonly deleted: number
  /** Users whom only consumers know, and whose deletion is in the ledger already. */
  readonly deletedBefore: number
}

/**
 * An instance of the service holds shard leases or is looking for some, so it may publish during the rebase. Or a user was changed
 * since the rebase began, so an instance without leases answers requests.
 */
export type StillServing = { readonly kind: 'still-serving' }
