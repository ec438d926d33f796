import type { Channel } from '../../domain/events/user-event.ts'
import type { Breach, Evidence } from '../../domain/migration/rollout-guard.ts'
import {
  BREACHES_TO_STEP,
  HOLD_SECONDS,
  judge,
  latenciesOf,
  percentile,
  WINDOW,
} from '../../domain/migration/rollout-guard.ts'
import { describeMode, followsEvents, makeSyncMode } from '../../domain/migration/sync-mode.ts'
import { secondsAfter } from '../../domain/shared/instants.ts'
import type { EventReceiver } from '../../ports/driven/events/event-publisher.ts'
import type { MigrationMeasurements } from '../../ports/driven/migration/migration-measurements.ts'
import type { ReceiverGuard } from '../../ports/driven/migration/receiver-guard.ts'
import type { SyncModes, SyncState } from '../../ports/driven/migration/sync-modes.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import type { Identifiers } from '../../ports/driven/shared/identifiers.ts'
import type { Log } from '../../ports/driven/shared/log.ts'
import type { Stores } from '../../ports/driven/transact.ts'
import type { GuardStatus } from '../../ports/driving/migration/sync-mode.ts'
import { operatorEntry } from '../audit/audit-entries.ts'
import type { LegJournal } from './channel-journal.ts'

export type GuardPolicy = 'act' | 'observe' | 'off'

type Needs = {
  readonly policy: GuardPolicy
  readonly limitMs: number
  readonly syncModes: SyncModes
  readonly backendChannel: Channel
  readonly journals: { readonly events: LegJournal; readonly calls: LegJournal }
  readonly receiver: Pick<EventReceiver, 'isReady'>
  readonly receiverGuard: Pick<ReceiverGuard, 'ask'>
  readonly stores: Pick<Stores, 'audit'>
  readonly identifiers: Pick<Identifiers, 'replayId'>
  readonly announceMode: () => void
  readonly measurements: MigrationMeasurements
  readonly log: Log
  readonly clock: Clock
}

export type EventsLegGuard = {
  /** Looks once at how the leg fares. */
  check(): Promise<void>
  status(): GuardStatus
}

/**
 * Steps down to dual when the leg that Backend follows fails three checks in a row, and calls do better. Downward only:
 * upward is a person's decision. Each instance judges by its own deliveries, and the epoch lets one of them step.
 */
export const makeEventsLegGuard = (needs: Needs): EventsLegGuard => {
  const { policy, limitMs, syncModes, backendChannel, journals, measurements, log, clock } = needs
  const stepDown = makeStepDown(needs)
  const isBetter = makeIsBetter(needs)
  let status: GuardStatus = { state: policy === 'off' ? 'off' : 'idle', breaches: 0 }

  const become = (state: GuardStatus['state'], breaches: number): void => {
    status = { state, breaches }
    measurements.guard(breaches, state === 'stuck')
  }

  const react = async (mode: SyncState, breach: Breach, breaches: number): Promise<void> => {
    log('warn', 'sync.breach', { ...breach, breaches })
    if (breaches < BREACHES_TO_STEP || policy === 'observe') return become('breached', breaches)
    if (!(await isBetter(breach, evidence(null)))) {
      log('error', 'sync.stuck', { ...breach, mode: mode.mode })
      return become('stuck', breaches)
    }
    await stepDown(mode, breach)
    become('idle', 0)
  }

  const evidence = (oldestPendingAt: number | null): Evidence => ({
    delivered: journals.events.delivered(),
    interruptions: journals.events.interruptions(),
    ...{ oldestPendingAt, now: clock().getTime() },
  })

  return {
    status: () => status,
    check: async () => {
      if (policy === 'off') return
      const mode = await syncModes.read()
      if (!followsEvents(mode)) return become('idle', 0)
      const waitingSeconds = await syncModes.waitingSeconds(backendChannel)
      const oldest = waitingSeconds > 0 ? clock().getTime() - waitingSeconds * 1000 : null
      const breach = judge(evidence(oldest), limitMs)
      if (breach === null) return become('well', 0)
      await react(mode, breach, status.breaches + 1)
    },
  }
}

/** Whether calls are worth going back to. */
const makeIsBetter =
  ({ receiver, receiverGuard, journals, clock }: Needs) =>
  async (breach: Breach, events: Evidence): Promise<boolean> => {
    if (!receiver.isReady() || (await receiverGuard.ask()) === 'unknown') return false
    if (breach.kind === 'stalled') return true
    const { calls } = journals
    const latencies = latenciesOf({
      ...{ delivered: calls.delivered(), interruptions: [], oldestPendingAt: null },
      now: clock().getTime(),
    })
    if (latencies.length < WINDOW.least) return true
    return percentile(latencies, 95) < percentile(latenciesOf(events), 95)
  }

const makeStepDown = (needs: Needs) => {
  const { syncModes, stores, identifiers, announceMode, log, clock } = needs
  return async (before: SyncState, breach: Breach): Promise<void> => {
    const after = makeSyncMode('dual', null, null)
    if ('code' in after) throw new Error('dual needs nothing')
    const reason = `the guard: ${describeBreach(breach)}, in ${BREACHES_TO_STEP} checks in a row`
    const heldUntil = secondsAfter(clock(), HOLD_SECONDS)
    const changed = await syncModes.change(
      { ...after, reason, changedBy: 'guard', heldUntil },
      before.epoch,
      { acceptGap: true, backfillId: identifiers.replayId() },
    )
    // Another instance, or a person, was faster.
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
