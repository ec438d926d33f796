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

/** The mode that holds sends HTTP calls, and BACKEND_SYNC_URL is not set. */
export type NoReceiver = { readonly kind: 'no-receiver'; readonly mode: string }

/**
 * Runs at the start, before anything is changed. A new installation takes the mode of its settings. Any other keeps the mode
 * that it has, whatever the settings say.
 */
export type AdoptMode = () => Promise<Result<null, NoReceiver>>

/** See `AdoptMode`. Also stores what this start knows about the deployment. */
export const makeAdoptMode =
  ({ syncModes, first, hasReceiver, channels, log, clock }: Needs): AdoptMode =>
  async () => {
    await syncModes.adoptFirstMode(first, clock())
    await syncModes.noteDeployment({ settings: first, hasReceiver, channels })
    const state = await syncModes.read()
    if (!isSameMode(first, state))
      log('warn', 'sync.settings-ignored', {
        settings: describeMode(first),
        mode: describeMode(state),
      })
    const sendsCalls = state.mode !== 'events' || state.dualWrite
    return sendsCalls && !hasReceiver
      ? fail({ kind: 'no-receiver', mode: describeMode(state) })
      : ok(null)
  }
