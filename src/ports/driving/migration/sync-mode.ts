import type { ConsumerReport } from '../../../domain/events/consumer-report.ts'
import type { StreamStatus } from '../../../domain/events/stream-report.ts'
import type { Channel } from '../../../domain/events/user-event.ts'
import type { ChannelStatistics } from '../../../domain/migration/channel-statistics.ts'
import type { SyncModeProblem } from '../../../domain/migration/sync-mode.ts'
import type { SyncState } from '../../../domain/migration/sync-state.ts'
import type { Result } from '../../../domain/shared/result.ts'
import type { ExpectedVersions } from '../accounts/accounts.ts'
import type { UserContext } from '../sessions/sessions.ts'

/** A mode as the caller wrote it. Null means: as follows from the mode. */
export type SyncModeRequest = {
  readonly mode: string
  readonly percent: number | null
  readonly dualWrite: boolean | null
  /** The names of the consumers that may receive no more events. */
  readonly confirmSilence: readonly string[]
  /** Whether consumers may miss events that the ledger no longer has. */
  readonly acceptGap: boolean
  readonly reason: string
}

/** Why a mode is not allowed now. */
export type TransitionObstacle =
  /** Backend cannot be called: BACKEND_SYNC_URL is not set. */
  | { readonly kind: 'no-receiver' }
  /** Backend does not drop old versions, so the slower of two channels would overwrite what the faster one delivered. */
  | { readonly kind: 'receiver-not-guarded' }
  /** Backend has never said whether it drops old versions, and does not answer now. */
  | { readonly kind: 'receiver-silent' }
  /** The rollout guard stepped back, and allows no step forward until this instant. */
  | { readonly kind: 'held'; readonly until: Date }
  /** These consumers would receive no more events; null when the consumers were never listed. */
  | { readonly kind: 'consumers-fall-silent'; readonly consumers: readonly string[] | null }

export type InvalidSyncMode = {
  readonly kind: 'invalid-sync-mode'
  readonly problem:
    | SyncModeProblem
    | { readonly field: 'mode'; readonly code: 'unknown-mode' }
    | { readonly field: 'reason'; readonly code: 'no-reason' }
}

export type ChangeSyncModeRefusal =
  | InvalidSyncMode
  | { readonly kind: 'mode-not-allowed'; readonly obstacle: TransitionObstacle }
  /** The ledger no longer reaches back to the instant at which events to the broker stopped. */
  | { readonly kind: 'snapshot-needed'; readonly silentSince: Date }
  | { readonly kind: 'version-mismatch' }

/**
 * Changes the mode for all instances at once, if its epoch is one of the expected ones (null: any epoch). Without a caller
 * the owner changes it, at the command line. The same mode again changes nothing.
 */
export type ChangeSyncMode = (
  request: SyncModeRequest,
  expected: ExpectedVersions,
  caller: UserContext | null,
) => Promise<Result<SyncState, ChangeSyncModeRefusal>>

/** One channel, as the instance that answers sees it. */
export type ChannelStatus = {
  readonly channel: Channel
  readonly state: /** Changes that are committed now are delivered on it. */
    | 'active'
    /** Its deliveries are made when the other channel fails. */
    | 'standby'
    /** The fallback is on: it delivers because the other channel cannot. */
    | 'armed'
    /** Nothing is delivered on it. */
    | 'silent'
    /** It should deliver and cannot be reached. */
    | 'unreachable'
  readonly pending: number
  readonly parked: number
  readonly oldestPendingSeconds: number | null
  readonly statistics: ChannelStatistics
}

export type SyncStatus = {
  readonly state: SyncState
  /** Whether the settings name another mode than the one that holds. */
  readonly settingsIgnored: boolean
  readonly consumers: readonly ConsumerReport[]
  readonly channels: readonly ChannelStatus[]
  readonly rolloutGuard: RolloutGuardStatus
  /** Null when events stay in the process, or when the stream was never read. */
  readonly stream: StreamStatus | null
}

export type RolloutGuardStatus = {
  readonly state: /** Switched off, or there is no channel to step back to. */
    | 'off'
    /** Backend follows HTTP calls, so there is nothing to guard. */
    | 'idle'
    /** The last check found nothing wrong. */
    | 'well'
    /** The last checks failed. */
    | 'breached'
    /** It would step back, and the other channel is no better. */
    | 'stuck'
  /** How many checks in a row have failed. */
  readonly breaches: number
}

/** Reads the mode, and how each channel works. */
export type ReadSyncStatus = () => Promise<SyncStatus>
