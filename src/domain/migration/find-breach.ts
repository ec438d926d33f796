/** One change that the event channel delivered to Backend. Instants in milliseconds. */
export type DeliveryTime = { readonly committedAt: number; readonly acknowledgedAt: number }

/** A time in which nothing could be delivered, in milliseconds. `until` is null while it lasts. */
export type Interruption = { readonly from: number; readonly until: number | null }

export type Breach =
  /** The 95th percentile of the latencies is above the limit. */
  | { readonly kind: 'slow'; readonly p95Ms: number }
  /** Only this share of the deliveries took no longer than 5 seconds. */
  | { readonly kind: 'late'; readonly share: number }
  /** The oldest change that is not delivered has waited so long. */
  | { readonly kind: 'stalled'; readonly seconds: number }

/** What one instance has observed on the event channel. */
export type Observations = {
  /** In the order of their acknowledgements. */
  readonly delivered: readonly DeliveryTime[]
  readonly interruptions: readonly Interruption[]
  /** When the oldest change was committed that still waits. */
  readonly oldestPendingAt: number | null
  readonly now: number
}

/** The last 200 deliveries of the last 600 seconds are looked at. Fewer than 30 say nothing. */
export const WINDOW = { most: 200, seconds: 600, least: 30 } as const
export const CHECK_SECONDS = 10
/** The rollout guard steps back after this many failed checks in a row. */
export const BREACHES_TO_STEP_BACK = 3
/** After a step back, no step forward is allowed for so long. */
export const HOLD_SECONDS = 900
/** A shorter interruption does not count: a NATS cluster elects its leaders in less. */
const SHORT_SECONDS = 10

const IN_TIME_MS = 5000
const IN_TIME_SHARE = 0.999

/** What is wrong with the event channel; null when nothing is, or when too little was observed. */
export const findBreach = (observations: Observations, limitMs: number): Breach | null => {
  const waitedMs = longestWait(observations)
  if (waitedMs > IN_TIME_MS) return { kind: 'stalled', seconds: waitedMs / 1000 }
  const latencies = latenciesOf(observations)
  if (latencies.length < WINDOW.least) return null
  const share = latencies.filter((latency) => latency <= IN_TIME_MS).length / latencies.length
  if (share < IN_TIME_SHARE) return { kind: 'late', share }
  const p95Ms = percentile(latencies, 95)
  return p95Ms > limitMs ? { kind: 'slow', p95Ms } : null
}

/** The time from commit to acknowledgement of each delivery that did not wait for the end of a short interruption. */
export const latenciesOf = ({ delivered, interruptions, now }: Observations): readonly number[] => {
  const short = interruptions.filter((interruption) => isShort(interruption, now))
  return delivered
    .filter(({ acknowledgedAt }) => acknowledgedAt > now - WINDOW.seconds * 1000)
    .filter((delivery) => !short.some((interruption) => overlaps(delivery, interruption)))
    .slice(-WINDOW.most)
    .map(({ committedAt, acknowledgedAt }) => acknowledgedAt - committedAt)
}

/** The smallest value that is not exceeded by so many percent of the values (nearest rank). */
export const percentile = (values: readonly number[], percent: number): number => {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.ceil((sorted.length * percent) / 100) - 1] ?? 0
}

const isShort = ({ from, until }: Interruption, now: number): boolean =>
  (until ?? now) - from <= SHORT_SECONDS * 1000

const overlaps = (
  { committedAt, acknowledgedAt }: DeliveryTime,
  { from, until }: Interruption,
): boolean => acknowledgedAt > from && (until === null || committedAt < until)

/** Milliseconds that the oldest change has waited. The time before the end of a short interruption does not count. */
const longestWait = ({ interruptions, oldestPendingAt, now }: Observations): number => {
  if (oldestPendingAt === null) return 0
  const short = interruptions.filter((interruption) => isShort(interruption, now))
  const ends = short.map(({ until }) => until ?? now)
  return now - Math.max(oldestPendingAt, ...ends)
}
