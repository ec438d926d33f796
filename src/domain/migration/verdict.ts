/** One stage of moving over, and what comes after it. */
type Stage = {
  readonly name: string
  readonly hours: number
  readonly next: string
}

/** Where an installation stands: calls only, both compared, or so many of a hundred users on events. */
export type Standing = {
  readonly mode: 'http' | 'dual' | 'canary' | 'events'
  readonly percent: number
}

const upTo = (percent: number): Stage => {
  if (percent <= 1) return { name: `${percent} %`, hours: 24, next: 'canary at 10 %' }
  if (percent <= 10) return { name: `${percent} %`, hours: 48, next: 'canary at 50 %' }
  return { name: `${percent} %`, hours: 48, next: 'events' }
}

/** What the plan asks for before the next stage; docs/migration.md says why. */
export const stageOf = ({ mode, percent }: Standing): Stage => {
  switch (mode) {
    case 'http':
      return { name: 'http', hours: 0, next: 'dual' }
    case 'dual':
      return { name: 'dual', hours: 24, next: 'canary at 1 %' }
    case 'canary':
      return upTo(percent)
    case 'events':
      return { name: 'events', hours: 168, next: 'events without BACKEND_SYNC_URL' }
  }
}

export type Differing = {
  readonly shards: number
  /** Users with nothing on its way that would explain it; null when Backend does not go into detail. */
  readonly users: number | null
}

/** What both legs were found to be like. */
export type Evidence = Standing & {
  /** Since the mode was last changed. */
  readonly hours: number
  readonly armed: boolean
  readonly heldUntil: Date | null
  /** Whether Backend says that it drops old versions. */
  readonly guarded: boolean
  readonly p95LimitMs: number
  readonly eventsP95Ms: number | null
  readonly eventsDelivered: number
  readonly failed: number
  /** On whichever leg is told. */
  readonly parked: number
  readonly oldestPendingSeconds: number
  /** Changes that one leg has and the other, which is owed them too, has not. */
  readonly onlyEvents: number
  readonly onlyCalls: number
  readonly orderViolations: number
  /** Where Backend holds something else than this service; null when it cannot be asked. */
  readonly differing: Differing | null
  /** Whether some consumer reads the subject that Backend is to follow. */
  readonly backendReads: boolean
}

export type Verdict = {
  readonly isSafe: boolean
  readonly next: string
  /** Each a sentence that says what and how much; empty when it is safe. */
  readonly reasons: readonly string[]
}

const LEAST_DELIVERED = 30
const LONGEST_PENDING_SECONDS = 5

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
  (it) => it.armed && 'calls carry what events cannot at this moment',
  (it) =>
    it.heldUntil !== null && `the guard stepped down and holds until ${it.heldUntil.toISOString()}`,
  (it) =>
    it.mode !== 'http' &&
    it.mode !== 'events' &&
    !it.guarded &&
    'Backend does not say that it drops old versions (x-sync-guard)',
  (it) =>
    it.mode !== 'http' &&
    it.eventsDelivered < LEAST_DELIVERED &&
    `only ${many(it.eventsDelivered, 'event')} in the last 5 minutes; ${LEAST_DELIVERED} say something`,
  (it) =>
    it.eventsP95Ms !== null &&
    it.eventsP95Ms > it.p95LimitMs &&
    `95 of 100 events take up to ${it.eventsP95Ms} ms; the limit is ${it.p95LimitMs} ms`,
  (it) => it.failed > 0 && `${it.failed} failed tries on the events leg in the last 5 minutes`,
  (it) => it.parked > 0 && `${it.parked} deliveries set aside`,
  (it) =>
    it.oldestPendingSeconds > LONGEST_PENDING_SECONDS &&
    `something has waited for ${Math.round(it.oldestPendingSeconds)} s`,
  (it) => it.onlyEvents > 0 && `${many(it.onlyEvents, 'change')} delivered as event, not as call`,
  (it) => it.onlyCalls > 0 && `${many(it.onlyCalls, 'change')} delivered as call, not as event`,
  (it) => it.orderViolations > 0 && `${many(it.orderViolations, 'change')} out of order`,
  ({ differing }) =>
    differing !== null &&
    differing.users !== 0 &&
    differing.shards > 0 &&
    `Backend holds ${describeDiffering(differing)} otherwise than this service`,
  (it) =>
    it.mode !== 'http' &&
    !it.backendReads &&
    'no consumer named backend reads the subject that it is to follow',
]

/** Whether the next stage may come. */
export const judgeRollOut = (evidence: Evidence): Verdict => {
  const reasons = REASONS.map((reason) => reason(evidence)).filter((text) => text !== false)
  return { isSafe: reasons.length === 0, next: stageOf(evidence).next, reasons }
}
