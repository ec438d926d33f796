import type { Verdict } from '../../../domain/migration/assess-next-stage.ts'
import type { UserId } from '../../../domain/shared/ids.ts'
import type { SyncStatus } from './sync-mode.ts'

/** A user whose versions differ between this service and Backend; null where one of them does not have the user. */
export type StateDifference = {
  readonly userId: UserId
  readonly ours: number | null
  readonly theirs: number | null
}

export type StateComparison = {
  /** The shards, of 64, that differ. */
  readonly shards: readonly number[]
  /** The users in those shards that differ and have no delivery waiting; null when Backend offers no list of users. */
  readonly users: readonly StateDifference[] | null
}

/** Both channels side by side, and whether the next stage may start. */
export type SyncReport = {
  readonly status: SyncStatus
  /** Hours since the mode was last changed. */
  readonly hours: number
  /** Changes that one channel has delivered and the other, which has to deliver them too, has not. */
  readonly onlyEvents: number
  readonly onlyCalls: number
  readonly outOfOrder: { readonly events: number; readonly calls: number }
  /** Null when BACKEND_DIGEST_URL is not set. `unavailable` when Backend does not answer, or not in time. */
  readonly states: StateComparison | 'unavailable' | null
  readonly verdict: Verdict
}

/** Collects everything that speaks for or against the next stage. */
export type ReportSync = () => Promise<SyncReport>
