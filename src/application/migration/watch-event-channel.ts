import type { Channel } from '../../domain/events/user-event.ts'
import { followsEvents } from '../../domain/migration/sync-mode.ts'
import type { SyncState } from '../../domain/migration/sync-state.ts'
import type { MigrationMeasurements } from '../../ports/driven/migration/migration-measurements.ts'
import type { SyncModes } from '../../ports/driven/migration/sync-modes.ts'
import type { Monotonic } from '../../ports/driven/shared/clock.ts'
import type { Log } from '../../ports/driven/shared/log.ts'
import type { ChannelJournal } from './channel-journal.ts'

type Needs = {
  readonly syncModes: SyncModes
  /** The channel that Backend follows. */
  readonly backendChannel: Channel
  readonly journal: ChannelJournal
  /** Whether this instance can reach the broker. */
  readonly isReady: () => boolean
  /** Whether this instance delivers events. */
  readonly delivers: boolean
  readonly wakeRelay: () => void
  readonly measurements: MigrationMeasurements
  readonly log: Log
  readonly monotonic: Monotonic
}

/** Reads the mode and checks the event channel once. Never rejects. */
export type WatchEventChannel = () => Promise<void>

/** A change that waits longer for its event is sent as an HTTP call too. */
const WAITED_SECONDS = 3
/** A broker that cannot be reached for less than this is only being reconnected. */
const UNREACHABLE_MS = 1000
const QUIET_SECONDS = 30

/**
 * Follows the mode, and turns the fallback on while events cannot be delivered. The fallback adds HTTP calls; the events go on
 * waiting for the broker, in their order.
 */
export const makeWatchEventChannel = (needs: Needs): WatchEventChannel => {
  const { syncModes, backendChannel, measurements, wakeRelay, log } = needs
  const updateFallback = makeUpdateFallback(needs)
  let epoch: number | null = null
  let isFailing = false

  const follow = (state: SyncState): void => {
    measurements.syncMode(state)
    if (epoch !== null && epoch !== state.epoch) {
      const { mode, percent, dualWrite, changedBy, reason } = state
      log('info', 'sync.mode', { mode, percent, dualWrite, epoch: state.epoch, changedBy, reason })
      wakeRelay()
    }
    epoch = state.epoch
  }

  return async () => {
    try {
      const state = await syncModes.read()
      follow(state)
      if (needs.delivers)
        await updateFallback(state, await syncModes.waitingSeconds(backendChannel))
      isFailing = false
    } catch (fault) {
      // This runs twice a second, so only the first fault of a series is logged.
      if (!isFailing) log('error', 'sync.fault', { during: 'look' }, fault)
      isFailing = true
    }
  }
}

const makeUpdateFallback = ({ syncModes, journal, isReady, wakeRelay, log, monotonic }: Needs) => {
  let unreachableSince: number | null = null
  let isRefused = false

  const cannotDeliver = (waitingSeconds: number): boolean => {
    if (isReady()) unreachableSince = null
    else unreachableSince ??= monotonic()
    return (
      waitingSeconds > WAITED_SECONDS ||
      (unreachableSince !== null && monotonic() - unreachableSince >= UNREACHABLE_MS)
    )
  }

  const arm = async (waitingSeconds: number): Promise<void> => {
    const { guard } = await syncModes.deployment()
    // If Backend does not drop old versions, a second channel would overwrite newer versions with older ones.
    if (guard === 'none') {
      if (!isRefused) log('error', 'sync.not-armed', { reason: 'receiver-not-guarded' })
      isRefused = true
      return
    }
    isRefused = false
    if (!(await syncModes.arm())) return
    log('warn', 'sync.armed', { waitingSeconds, isReachable: isReady() })
    wakeRelay()
  }

  return async (state: SyncState, waitingSeconds: number): Promise<void> => {
    const isInTrouble = cannotDeliver(waitingSeconds)
    journal.recordReadiness(isReady(), waitingSeconds > 0)
    if (isInTrouble && followsEvents(state)) return arm(waitingSeconds)
    if (state.armed && (await syncModes.disarm(QUIET_SECONDS)))
      log('info', 'sync.disarmed', { quietSeconds: QUIET_SECONDS })
  }
}
