import type { Channel } from '../../domain/events/user-event.ts'
import { followsEvents } from '../../domain/migration/sync-mode.ts'
import type { MigrationMeasurements } from '../../ports/driven/migration/migration-measurements.ts'
import type { SyncModes, SyncState } from '../../ports/driven/migration/sync-modes.ts'
import type { Monotonic } from '../../ports/driven/shared/clock.ts'
import type { Log } from '../../ports/driven/shared/log.ts'
import type { LegJournal } from './channel-journal.ts'

type Needs = {
  readonly syncModes: SyncModes
  /** The channel that Backend follows. */
  readonly backendChannel: Channel
  readonly journal: LegJournal
  /** Whether the broker can be reached from here. */
  readonly isReady: () => boolean
  /** Whether this instance delivers. */
  readonly delivers: boolean
  readonly wakeRelay: () => void
  readonly measurements: MigrationMeasurements
  readonly log: Log
  readonly monotonic: Monotonic
}

/** Looks once at the mode and at the leg that Backend follows. Never rejects. */
export type WatchEventsLeg = () => Promise<void>

/** A change that waits longer for its event goes as a call as well. */
const WAITED_SECONDS = 3
/** A broker that is not to be reached for a moment is one that is just being dialled. */
const UNREACHABLE_MS = 1000
const QUIET_SECONDS = 30

/**
 * Follows the mode, and lets calls that stand by go while events cannot. They are added: what waits for the broker goes
 * on waiting for it, in its order.
 */
export const makeWatchEventsLeg = (needs: Needs): WatchEventsLeg => {
  const { syncModes, backendChannel, measurements, wakeRelay, log } = needs
  const isBlind = makeFallback(needs)
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
      if (needs.delivers) await isBlind(state, await syncModes.waitingSeconds(backendChannel))
      isFailing = false
    } catch (fault) {
      // Twice a second is too often for a log.
      if (!isFailing) log('error', 'sync.fault', { during: 'look' }, fault)
      isFailing = true
    }
  }
}

const makeFallback = ({ syncModes, journal, isReady, wakeRelay, log, monotonic }: Needs) => {
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
    const { guard } = await syncModes.surroundings()
    // A second way to somebody who takes what comes last would undo changes.
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
    journal.looked(isReady(), waitingSeconds > 0)
    if (isInTrouble && followsEvents(state)) return arm(waitingSeconds)
    if (state.armed && (await syncModes.disarm(QUIET_SECONDS)))
      log('info', 'sync.disarmed', { quietSeconds: QUIET_SECONDS })
  }
}
