import type { Result } from '../../domain/result.ts'
import { fail, ok } from '../../domain/result.ts'
import type { SyncMode } from '../../domain/sync-mode.ts'
import { describeMode, isSameMode } from '../../domain/sync-mode.ts'
import type { Channel } from '../../domain/user-event.ts'
import type { Clock } from '../../ports/driven/clock.ts'
import type { Log } from '../../ports/driven/log.ts'
import type { SyncModes } from '../../ports/driven/sync-modes.ts'

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
