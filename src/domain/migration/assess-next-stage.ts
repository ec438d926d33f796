import type { SyncMode } from './sync-mode.ts'

/** One stage of the move from HTTP calls to events, and the stage after it. */
type Stage = {
  readonly name: string
  /** How long an installation stays in this stage. */
  readonly hours: number
  readonly next: string
}

/** The parts of a mode that decide which stage an installation is in. */
type StageMode = Pick<SyncMode, 'mode' | 'percent'>

/** The present stage by the plan of docs/migration.md. */
export const stageOf = ({ mode, percent }: StageMode): Stage => {
  switch (mode) {
    case 'http':
      return { name: 'http', hours: 0, next: 'dual' }
    case 'dual':
      return { name: 'dual', hours: 24, next: 'canary at 1 %' }
    case 'canary':
      return canaryStageOf(percent)
    case 'events':
      return { name: 'events', hours: 168, next: 'events without BACKEND_SYNC_URL' }
  }
}

const canaryStageOf = (percent: number): Stage => {
  const name = `${percent} %`
  if (percent <= 1) return { name, hours: 24, next: 'canary at 10 %' }
  if (percent <= 10) return { name, hours: 48, next: 'canary at 50 %' }
  return { name, hours: 48, next: 'events' }
}

export type Differing = {
  readonly shards: number
  /** Users who differ without a delivery waiting; null when Backend offers no list of users. */
  readonly users: number | null
}

/** What was found on both channels. */
export type Evidence = StageMode & {
  /** Hours since the mode was last changed. */
  readonly hours: number
  readonly armed: boolean
  readonly heldUntil: Date | null
  /** Whether Backend says that it drops old versions. */
  readonly guarded: boolean
  readonly p95LimitMs: number
  readonly eventsP95Ms: number | null
  readonly eventsDelivered: number
  readonly failed: number
  /** Parked deliveries on the channels that are in use. */
  readonly parked: number
  readonly oldestPendingSeconds: number
  /** Changes that one channel has delivered and the other, which has to deliver them too, has not. */
  readonly onlyEvents: number
  readonly onlyCalls: number
  readonly orderViolations: number
  /** Where Backend's data differ from ours; null when Backend cannot be asked. */
  readonly differing: Differing | null
  /** Whether a consumer named `backend` reads the subject that Backend is to follow. */
  readonly backendReads: boolean
}

export type Verdict = {
  readonly isSafe: boolean
  readonly next: string
  /** One sentence for each reason against the next stage; empty when it is safe. */
  readonly reasons: readonly string[]
}

const LEAST_DELIVERED = 30
const LONGEST_PENDING_SECONDS = 5

/** Whether the next stage may start. */
export const assessNextStage = (evidence: Evidence): Verdict => {
  const reasons = REASONS.map((reason) => reason(evidence)).filter((text) => text !== false)
  return { isSafe: reasons.length === 0, next: stageOf(evidence).next, reasons }
}

type Reason = (evidence: Evidence) => string | false

const many = (count: number, what: string): string =>
  count === 1 ? `1 ${what}` : `${count} ${what}s`

const describeDiffering = ({ shards, users }: Differing): string =>
  users === null ? `${shards} of 64 shards` : many(users, 'user')

const REASONS: readonly Reason[] = [
  (it) => {
    const { name, hours } = stageOf(it)
    return (
      it.hours < hours && `at ${name} for ${Math.floor(it.hours)} h; the plan asks for ${hours} h`
    )
  },
  (it) => it.armed && 'the fallback is on: HTTP calls carry what events cannot deliver now',
  (it) =>
    it.heldUntil !== null &&
    `the rollout guard stepped back and holds until ${it.heldUntil.toISOString()}`,
  (it) =>
    it.mode !== 'http' &&
    it.mode !== 'events' &&
    !it.guarded &&
    'Backend does not say that it drops old versions (x-sync-guard)',
  (it) =>
    it.mode !== 'http' &&
    it.eventsDelivered < LEAST_DELIVERED &&
    `only ${many(it.eventsDelivered, 'event')} in the last 5 minutes; at least ${LEAST_DELIVERED} are needed`,
  (it) =>
    it.eventsP95Ms !== null &&
    it.eventsP95Ms > it.p95LimitMs &&
    `95 of 100 events take up to ${it.eventsP95Ms} ms; the limit is ${it.p95LimitMs} ms`,
  (it) =>
    it.failed > 0 &&
    `${many(it.failed, 'attempt')} failed on the event channel in the last 5 minutes`,
  (it) =>
    it.parked > 0 &&
    (it.parked === 1 ? '1 delivery is parked' : `${it.parked} deliveries are parked`),
  (it) =>
    it.oldestPendingSeconds > LONGEST_PENDING_SECONDS &&
    `the oldest delivery has waited for ${Math.round(it.oldestPendingSeconds)} s`,
  (it) =>
    it.onlyEvents > 0 && `${many(it.onlyEvents, 'change')} delivered as event and not as HTTP call`,
  (it) =>
    it.onlyCalls > 0 && `${many(it.onlyCalls, 'change')} delivered as HTTP call and not as event`,
  (it) => it.orderViolations > 0 && `${many(it.orderViolations, 'change')} out of order`,
  ({ differing }) =>
    differing !== null &&
    differing.users !== 0 &&
    differing.shards > 0 &&
    `Backend differs from this service in ${describeDiffering(differing)}`,
  (it) =>
    it.mode !== 'http' &&
    !it.backendReads &&
    'no consumer named backend reads the subject that Backend is to follow',
]
