import type { Channel } from '../../../domain/events/user-event.ts'
import type { SyncMode } from '../../../domain/migration/sync-mode.ts'
import type { Deployment, SyncChange, SyncState } from '../../../domain/migration/sync-state.ts'
import type { Result } from '../../../domain/shared/result.ts'

export type SyncModeRefusal =
  /** The mode has another epoch by now. */
  | { readonly kind: 'stale' }
  /** The ledger no longer reaches back to the instant at which events to the broker stopped. */
  | { readonly kind: 'snapshot-needed'; readonly silentSince: Date }

/**
 * Which channel carries which changes, for all instances at once. Each change of a user locks the mode while it is made.
 * @throws Unavailable from each member.
 */
export type SyncModes = {
  read(): Promise<SyncState>
  deployment(): Promise<Deployment>
  /** Stores these parts of the deployment; the others stay. */
  noteDeployment(known: Partial<Deployment>): Promise<void>
  /** Sets the first mode of a new installation. Answers false, with nothing changed, when a mode was set before. */
  adoptFirstMode(first: SyncMode, now: Date): Promise<boolean>
  /**
   * Changes the mode between two changes of users: each of them is routed by the old mode or by the new one. Before that,
   * enqueues the events that the broker was not sent, in version order for each user.
   */
  change(
    change: SyncChange,
    expectedEpoch: number,
    options: { readonly acceptGap: boolean; readonly backfillId: string },
  ): Promise<Result<{ readonly state: SyncState; readonly backfilled: number }, SyncModeRefusal>>
  /**
   * Turns the fallback on: deliveries on standby go out as HTTP calls. Also stores that there was a reason just now. Answers
   * whether it was off before. Does nothing in modes without deliveries on standby.
   */
  arm(): Promise<boolean>
  /** Seconds that the oldest delivery of a channel has waited; 0 when none waits. Replays do not count. */
  waitingSeconds(channel: Channel): Promise<number>
  /** Turns the fallback off after so many seconds without a reason; answers whether it did so now. */
  disarm(quietSeconds: number): Promise<boolean>
}
