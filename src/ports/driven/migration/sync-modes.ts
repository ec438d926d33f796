import type { Channel } from '../../../domain/events/user-event.ts'
import type { SyncMode } from '../../../domain/migration/sync-mode.ts'
import type { UserId } from '../../../domain/shared/ids.ts'
import type { Result } from '../../../domain/shared/result.ts'
import type { GuardAnswer } from './receiver-guard.ts'

/** By whose word a mode holds: an administrator's, or that of the owner at the command line, the guard, the settings. */
export type SyncActor = UserId | 'owner' | 'guard' | 'settings'

/** The mode that holds now. */
export type SyncState = SyncMode & {
  /** Rises with each change of the mode. */
  readonly epoch: number
  /** Whether calls that stand by go, because events cannot. */
  readonly armed: boolean
  readonly reason: string
  readonly changedAt: Date
  readonly changedBy: SyncActor
  /** Until when the guard allows no rise. */
  readonly heldUntil: Date | null
  /** Since when the broker is told nothing; null while it is told. */
  readonly silentSince: Date | null
}

export type SyncChange = SyncMode & {
  readonly reason: string
  readonly changedBy: SyncActor
  readonly heldUntil: Date | null
}

/** What the instances know of their surroundings, kept where it can be read without being one of them. */
export type SyncSurroundings = {
  /** The first mode by the settings of the latest start; null before any. */
  readonly settings: SyncMode | null
  /** Whether there is a receiver of calls. */
  readonly hasReceiver: boolean
  /** Every channel that events are owed to. */
  readonly channels: readonly Channel[]
  readonly guard: GuardAnswer
  /** Names of those who consume events; null when nobody has ever looked. */
  readonly consumers: readonly string[] | null
}

export type SyncModeRefusal =
  /** The mode has another epoch by now. */
  | { readonly kind: 'stale' }
  /** The ledger no longer reaches back to where the broker was told nothing any more. */
  | { readonly kind: 'snapshot-needed'; readonly silentSince: Date }

/** Which leg carries what, for all instances at once: each change of a user holds the mode while it is made. */
export type SyncModes = {
  read(): Promise<SyncState>
  surroundings(): Promise<SyncSurroundings>
  /** Notes what has changed in the surroundings. */
  note(known: Partial<SyncSurroundings>): Promise<void>
  /** Takes the first mode of a new installation, unless it has one; answers whether it was taken. */
  begin(first: SyncMode, now: Date): Promise<boolean>
  /**
   * Changes the mode between two changes of users: each is routed either before it or after it. What the broker was
   * not told is owed to it first, in version order for each user.
   */
  change(
    change: SyncChange,
    expectedEpoch: number,
    options: { readonly acceptGap: boolean; readonly backfillId: string },
  ): Promise<Result<{ readonly state: SyncState; readonly backfilled: number }, SyncModeRefusal>>
  /**
   * Lets calls that stand by go, and notes that there was reason to. Answers whether they did not go before. Nothing
   * happens in modes where none stand by.
   */
  arm(): Promise<boolean>
  /** How long the oldest change has waited on a channel, 0 without any; replays do not count. */
  waitingSeconds(channel: Channel): Promise<number>
  /** Lets them stand by again once there has been no reason for so long; answers whether that was now. */
  disarm(quietSeconds: number): Promise<boolean>
}
