import type { Channel } from '../../domain/events/user-event.ts'
import type { Breach, Observations } from '../../domain/migration/find-breach.ts'
import {
  BREACHES_TO_STEP_BACK,
  findBreach,
  HOLD_SECONDS,
  latenciesOf,
  percentile,
  WINDOW,
} from '../../domain/migration/find-breach.ts'
import { describeMode, followsEvents, makeSyncMode } from '../../domain/migration/sync-mode.ts'
import type { SyncState } from '../../domain/migration/sync-state.ts'
import { secondsAfter } from '../../domain/shared/instants.ts'
import type { EventReceiver } from '../../ports/driven/events/event-publisher.ts'
import type { VersionGuardProbe } from '../../ports/driven/migration/backend.ts'
import type { MigrationMeasurements } from '../../ports/driven/migration/migration-measurements.ts'
import type { SyncModes } from '../../ports/driven/migration/sync-modes.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import type { Identifiers } from '../../ports/driven/shared/identifiers.ts'
import type { Log } from '../../ports/driven/shared/log.ts'
import type { Stores } from '../../ports/driven/transact.ts'
import type { RolloutGuardStatus } from '../../ports/driving/migration/sync-mode.ts'
import { operatorEntry } from '../audit/audit-entries.ts'
import type { ChannelJournal } from './channel-journal.ts'

/** What the setting SYNC_GUARD says: step back, only measure and log, or do nothing. */
export type RolloutGuardPolicy = 'act' | 'observe' | 'off'

type Needs = {
  readonly policy: RolloutGuardPolicy
  /** The limit for the 95th percentile of the latencies. */
  readonly limitMs: number
  readonly syncModes: SyncModes
  readonly backendChannel: Channel
  readonly journals: { readonly events: ChannelJournal; readonly calls: ChannelJournal }
  readonly receiver: Pick<EventReceiver, 'isReady'>
  readonly versionGuard: Pick<VersionGuardProbe, 'ask'>
  readonly stores: Pick<Stores, 'audit'>
  readonly identifiers: Pick<Identifiers, 'replayId'>
  readonly announceMode: () => void
  readonly measurements: MigrationMeasurements
  readonly log: Log
  readonly clock: Clock
}

export type RolloutGuard = {
  /** Checks the event channel once. */
  check(): Promise<void>
  status(): RolloutGuardStatus
}

/**
 * Steps back to dual when the event channel fails three checks in a row and HTTP calls do better. It never steps forward: only a
 * person does. Each instance judges by its own deliveries. The epoch makes sure that only one instance steps back.
 */
export const makeRolloutGuard = (needs: Needs): RolloutGuard => {
  const { policy, limitMs, syncModes, backendChannel, journals, measurements, log, clock } = needs
  const stepBack = makeStepBack(needs)
  const areCallsBetter = makeAreCallsBetter(needs)
  let status: RolloutGuardStatus = { state: policy === 'off' ? 'off' : 'idle', breaches: 0 }

  const become = (state: RolloutGuardStatus['state'], breaches: number): void => {
    status = { state, breaches }
    measurements.guard(breaches, state === 'stuck')
  }

  const observe = (oldestPendingAt: number | null): Observations => ({
    delivered: journals.events.delivered(),
    interruptions: journals.events.interruptions(),
    oldestPendingAt,
    now: clock().getTime(),
  })

  const react = async (mode: SyncState, breach: Breach, breaches: number): Promise<void> => {
    log('warn', 'sync.breach', { ...breach, breaches })
    if (breaches < BREACHES_TO_STEP_BACK || policy === 'observe')
      return become('breached', breaches)
    if (!(await areCallsBetter(breach, observe(null)))) {
      log('error', 'sync.stuck', { ...breach, mode: mode.mode })
      return become('stuck', breaches)
    }
    await stepBack(mode, breach)
    become('idle', 0)
  }

  return {
    status: () => status,
    check: async () => {
      if (policy === 'off') return
      const mode = await syncModes.read()
      if (!followsEvents(mode)) return become('idle', 0)
      const waitingSeconds = await syncModes.waitingSeconds(backendChannel)
      const oldest = waitingSeconds > 0 ? clock().getTime() - waitingSeconds * 1000 : null
      const breach = findBreach(observe(oldest), limitMs)
      if (breach === null) return become('well', 0)
      await react(mode, breach, status.breaches + 1)
    },
  }
}

/** Whether HTTP calls work, and work better than events do now. */
const makeAreCallsBetter =
  ({ receiver, versionGuard, journals, clock }: Needs) =>
  async (breach: Breach, events: Observations): Promise<boolean> => {
    if (!receiver.isReady() || (await versionGuard.ask()) === 'unknown') return false
    if (breach.kind === 'stalled') return true
    const latencies = latenciesOf({
      delivered: journals.calls.delivered(),
      interruptions: [],
      oldestPendingAt: null,
      now: clock().getTime(),
    })
    if (latencies.length < WINDOW.least) return true
    return percentile(latencies, 95) < percentile(latenciesOf(events), 95)
  }

const makeStepBack = (needs: Needs) => {
  const { syncModes, stores, identifiers, announceMode, log, clock } = needs
  return async (before: SyncState, breach: Breach): Promise<void> => {
    const after = makeSyncMode('dual', null, null)
    if ('code' in after) throw new Error('the mode dual must need no other parts')
    const reason = `the rollout guard: ${describeBreach(breach)}, in ${BREACHES_TO_STEP_BACK} checks in a row`
    const heldUntil = secondsAfter(clock(), HOLD_SECONDS)
    const changed = await syncModes.change(
      { ...after, reason, changedBy: 'guard', heldUntil },
      before.epoch,
      { acceptGap: true, backfillId: identifiers.replayId() },
    )
    // Another instance, or a person, has changed the mode in the meantime.
    if (!changed.ok) return
    const { epoch } = changed.value.state
    log('error', 'sync.stepped-down', { ...breach, from: before.mode, epoch })
    announceMode()
    await stores.audit.append(
      operatorEntry('sync.changed', {
        details: `${describeMode(before)} to ${describeMode(after)}: ${reason}`,
        at: clock(),
      }),
    )
  }
}

const describeBreach = (breach: Breach): string => {
  switch (breach.kind) {
    case 'slow':
      return `95 of 100 events took up to ${Math.round(breach.p95Ms)} ms`
    case 'late':
      return `only ${(breach.share * 100).toFixed(1)} % of events arrived within 5 s`
    case 'stalled':
      return `the oldest event has waited for ${Math.round(breach.seconds)} s`
  }
}
