import type { Channel } from '../../domain/events/user-event.ts'
import type { Evidence } from '../../domain/migration/assess-next-stage.ts'
import { assessNextStage } from '../../domain/migration/assess-next-stage.ts'
import { secondsBetween } from '../../domain/shared/instants.ts'
import { Unavailable } from '../../domain/shared/unavailable.ts'
import type { SyncComparison } from '../../ports/driven/migration/sync-comparison.ts'
import type { SyncModes } from '../../ports/driven/migration/sync-modes.ts'
import type { Clock, Pause } from '../../ports/driven/shared/clock.ts'
import type { ReadSyncStatus, SyncStatus } from '../../ports/driving/migration/sync-mode.ts'
import type {
  ReportSync,
  StateComparison,
  SyncReport,
} from '../../ports/driving/migration/sync-report.ts'

type Needs = {
  readonly readSyncStatus: ReadSyncStatus
  readonly syncModes: Pick<SyncModes, 'deployment'>
  readonly comparison: SyncComparison
  /** Null when BACKEND_DIGEST_URL is not set. */
  readonly compareStates: (() => Promise<StateComparison>) | null
  /** How long Backend may take to answer; null for no limit. */
  readonly compareTimeoutMs: number | null
  readonly pause: Pause
  /** The channel that Backend is to follow. */
  readonly backendChannel: Channel
  readonly p95LimitMs: number
  readonly clock: Clock
}

const CALLS: Channel = 'http:backend'
/** The name of Backend's own consumer. */
const BACKEND = 'backend'
const HOUR = 3600

/** See `ReportSync`. */
export const makeReportSync =
  (needs: Needs): ReportSync =>
  async () => {
    const { comparison, backendChannel, clock } = needs
    const status = await needs.readSyncStatus()
    const found = {
      status,
      hours: secondsBetween(status.state.changedAt, clock()) / HOUR,
      onlyEvents: await comparison.onlyOn(backendChannel, CALLS),
      onlyCalls: await comparison.onlyOn(CALLS, backendChannel),
      outOfOrder: {
        events: await comparison.orderViolations(backendChannel),
        calls: await comparison.orderViolations(CALLS),
      },
      states: await askStates(needs),
    }
    const { guard } = await needs.syncModes.deployment()
    return { ...found, verdict: assessNextStage(evidenceOf(needs, found, guard === 'version')) }
  }

const askStates = async (needs: Needs): Promise<SyncReport['states']> => {
  const { compareStates, compareTimeoutMs } = needs
  if (compareStates === null) return null
  const settled = new AbortController()
  try {
    const answer = compareStates()
    if (compareTimeoutMs === null) return await answer
    const late = needs.pause(compareTimeoutMs, settled.signal).then(() => 'unavailable' as const)
    return await Promise.race([answer, late])
  } catch (fault) {
    if (fault instanceof Unavailable) return 'unavailable'
    throw fault
  } finally {
    settled.abort()
  }
}

const evidenceOf = (
  { backendChannel, p95LimitMs, clock }: Needs,
  { status, hours, onlyEvents, onlyCalls, outOfOrder, states }: Omit<SyncReport, 'verdict'>,
  guarded: boolean,
): Evidence => {
  const { mode, percent, armed, heldUntil } = status.state
  const events = status.channels.find(({ channel }) => channel === backendChannel)?.statistics
  const inUse = status.channels.filter(({ state }) => state !== 'silent')
  return {
    mode,
    percent,
    hours,
    armed,
    guarded,
    p95LimitMs,
    onlyEvents,
    onlyCalls,
    heldUntil: heldUntil !== null && heldUntil > clock() ? heldUntil : null,
    eventsP95Ms: events?.p95Ms ?? null,
    eventsDelivered: events?.publishedLast5m ?? 0,
    failed: events?.failedLast5m ?? 0,
    parked: inUse.reduce((sum, { parked }) => sum + parked, 0),
    oldestPendingSeconds: Math.max(0, ...inUse.map((it) => it.oldestPendingSeconds ?? 0)),
    orderViolations: outOfOrder.events + outOfOrder.calls,
    differing:
      states === null || states === 'unavailable'
        ? null
        : { shards: states.shards.length, users: states.users?.length ?? null },
    backendReads: isRead(status, backendChannel),
  }
}

const isRead = ({ consumers }: SyncStatus, channel: Channel): boolean =>
  consumers.some(
    ({ name, subject }) =>
      name === BACKEND && subject.split(',').some((one) => channel === `nats:${one}`),
  )
