import type { Channel } from '../events/user-event.ts'
import type { UserId } from '../shared/ids.ts'
import type { SyncMode } from './sync-mode.ts'

/** Who set a mode: an administrator, the owner at the command line, the rollout guard, or the settings. */
export type SyncActor = UserId | 'owner' | 'guard' | 'settings'

/** The mode that holds now. */
export type SyncState = SyncMode & {
  /** Rises with each change of the mode. */
  readonly epoch: number
  /** Whether the fallback is on: deliveries on standby go out as HTTP calls, because events cannot. */
  readonly armed: boolean
  readonly reason: string
  readonly changedAt: Date
  readonly changedBy: SyncActor
  /** Until this instant the rollout guard allows no step forward. */
  readonly heldUntil: Date | null
  /** Since this instant no events go to the broker; null while they do. */
  readonly silentSince: Date | null
}

export type SyncChange = SyncMode & {
  readonly reason: string
  readonly changedBy: SyncActor
  readonly heldUntil: Date | null
}

/**
 * Whether Backend drops versions that are older than the one it has (`x-sync-guard`). `none`: its answer does not say so.
 * `unknown`: it has not answered yet, or not with an answer that counts.
 */
export type VersionGuard = 'version' | 'none' | 'unknown'

/** What the instances know about their deployment. It is stored, so that the command line can read it too. */
export type Deployment = {
  /** The first mode by the settings of the latest start; null before any start. */
  readonly settings: SyncMode | null
  /** Whether Backend can be called over HTTP. */
  readonly hasReceiver: boolean
  /** Every channel that events are delivered on. */
  readonly channels: readonly Channel[]
  readonly guard: VersionGuard
  /** The names of the consumers of the stream; null when they were never listed. */
  readonly consumers: readonly string[] | null
}
