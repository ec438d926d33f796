import type { Verdict } from '../../../domain/migration/verdict.ts'
import type { UserId } from '../../../domain/shared/ids.ts'
import type { SyncStatus } from './sync-mode.ts'

/** One user whom two sides hold differently; null where a side does not hold them. */
export type StateDifference = {
  readonly userId: UserId
  readonly ours: number | null
  readonly theirs: number | null
}

export type StateComparison = {
  /** Those of 64 that differ. */
  readonly shards: readonly number[]
  /** Of those shards, without what is under way; null when the receiver does not go into detail. */
  readonly users: readonly StateDifference[] | null
}

/** Both legs beside each other, and whether the next stage may come. */
export type SyncReport = {
  readonly status: SyncStatus
  /** Since the mode was last changed. */
  readonly hours: number
  /** Changes that one leg has and the other, which is owed them too, has not. */
  readonly onlyEvents: number
  readonly onlyCalls: number
  readonly outOfOrder: { readonly events: number; readonly calls: number }
  /** Null when there is nobody to ask, `unavailable` when the receiver does not answer, or not in time. */
  readonly states: StateComparison | 'unavailable' | null
  readonly verdict: Verdict
}

export type ReportSync = () => Promise<SyncReport>
