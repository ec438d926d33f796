import type { ConsumerReport } from '../../../domain/events/consumer-report.ts'
import type { StreamStatus } from '../../../domain/events/stream-report.ts'
import type { Channel } from '../../../domain/events/user-event.ts'
import type { SyncModeProblem } from '../../../domain/migration/sync-mode.ts'
import type { Result } from '../../../domain/shared/result.ts'
import type { ChannelFigures } from '../../driven/migration/channel-statistics.ts'
import type { SyncState } from '../../driven/migration/sync-modes.ts'
import type { ExpectedVersions } from '../accounts/accounts.ts'
import type { UserContext } from '../sessions/user-context.ts'

/** A mode as somebody wrote it; null leaves a part to follow from the mode. */
export type SyncModeRequest = {
  readonly mode: string
  readonly percent: number | null
  readonly dualWrite: boolean | null
  /** Who may fall silent: names of consumers. */
  readonly confirmSilence: readonly string[]
  /** Whether consumers may miss what the ledger no longer holds. */
  readonly acceptGap: boolean
  readonly reason: string
}

/** Why a mode is not allowed now. */
export type SyncObstacle =
  /** There is nobody to call. */
  | { readonly kind: 'no-receiver' }
  /** Two ways to a receiver that takes whatever comes last: the slower would undo the faster. */
  | { readonly kind: 'receiver-not-guarded' }
  /** It has never said whether it drops old versions, and does not say so now. */
  | { readonly kind: 'receiver-silent' }
  | { readonly kind: 'held'; readonly until: Date }
  /** These would hear nothing; null when nobody knows who there is. */
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
  | { readonly kind: 'mode-not-allowed'; readonly obstacle: SyncObstacle }
  /** The ledger does not reach back to where consumers fell silent. */
  | { readonly kind: 'snapshot-needed'; readonly silentSince: Date }
  | { readonly kind: 'version-mismatch' }

/**
 * Changes which leg leads, for all instances at once. Only at one of the expected epochs, at any with null. By the owner
 * when there is no caller. The same mode again changes nothing.
 */
export type ChangeSyncMode = (
  request: SyncModeRequest,
  expected: ExpectedVersions,
  caller: UserContext | null,
) => Promise<Result<SyncState, ChangeSyncModeRefusal>>

/** One leg, as the instance that answers sees it. */
export type ChannelStatus = {
  readonly channel: Channel
  readonly state: /** What is committed now is delivered on it. */
    | 'active'
    /** It waits for the other leg to fail. */
    | 'standby'
    /** It stands by, and goes because the other leg cannot. */
    | 'armed'
    /** It is told nothing. */
    | 'silent'
    /** It should deliver and cannot. */
    | 'unreachable'
  readonly pending: number
  readonly parked: number
  readonly oldestPendingSeconds: number | null
  readonly figures: ChannelFigures
}

export type SyncStatus = {
  readonly state: SyncState
  /** The settings say another mode than the one that holds. */
  readonly settingsIgnored: boolean
  readonly consumers: readonly ConsumerReport[]
  readonly channels: readonly ChannelStatus[]
  readonly guard: GuardStatus
  /** Null where events stay in the process, or the stream was never read. */
  readonly stream: StreamStatus | null
}

export type GuardStatus = {
  readonly state: /** Switched off, or there is no leg to step back to. */
    | 'off'
    /** Calls lead: there is nothing to guard. */
    | 'idle'
    | 'well'
    /** Something is wrong, for so many checks in a row. */
    | 'breached'
    /** It would step down, and the other leg is no better. */
    | 'stuck'
  readonly breaches: number
}

/** Which leg leads, and how both fare. */
export type ReadSyncStatus = () => Promise<SyncStatus>
