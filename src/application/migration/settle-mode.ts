import type { Channel } from '../../domain/events/user-event.ts'
import type { SyncMode } from '../../domain/migration/sync-mode.ts'
import { describeMode, isSameMode } from '../../domain/migration/sync-mode.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { SyncModes } from '../../ports/driven/migration/sync-modes.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import type { Log } from '../../ports/driven/shared/log.ts'

type Needs = {
  readonly syncModes: SyncModes
  /** The mode by the settings. */
  readonly first: SyncMode
  readonly hasReceiver: boolean
  readonly channels: readonly Channel[]
  readonly log: Log
  readonly clock: Clock
}

/** The mode that holds calls somebody, and there is nobody to call. */
export type NoReceiver = { readonly kind: 'no-receiver'; readonly mode: string }

/** Before anything is changed: takes the first mode of a new installation, or finds the one that holds. */
export type SettleMode = () => Promise<Result<null, NoReceiver>>

export const makeSettleMode =
  ({ syncModes, first, hasReceiver, channels, log, clock }: Needs): SettleMode =>
  async () => {
    await syncModes.begin(first, clock())
    await syncModes.note({ settings: first, hasReceiver, channels })
    const state = await syncModes.read()
    if (!isSameMode(first, state))
      log('warn', 'sync.settings-ignored', {
        settings: describeMode(first),
        mode: describeMode(state),
      })
    const calls = state.mode !== 'events' || state.dualWrite
    return calls && !hasReceiver
      ? fail({ kind: 'no-receiver', mode: describeMode(state) })
      : ok(null)
  }
