/** What became of one change on the leg that Backend follows; instants in milliseconds. */
export type Delivered = { readonly committedAt: number; readonly acknowledgedAt: number }

/** A while in which nothing could be delivered; null as long as it lasts. */
export type Interruption = { readonly from: number; readonly until: number | null }

export type Breach =
  /** 95 of 100 changes took no longer than this, which is longer than is allowed. */
  | { readonly kind: 'slow'; readonly p95Ms: number }
  /** So much of what was delivered was delivered in time. */
  | { readonly kind: 'late'; readonly share: number }
  /** The oldest change that is still to be delivered has waited so long. */
  | { readonly kind: 'stalled'; readonly seconds: number }

export type Evidence = {
  /** In the order of their acknowledgements. */
  readonly delivered: readonly Delivered[]
  readonly interruptions: readonly Interruption[]
  /** When the oldest change was committed that still waits. */
  readonly oldestPendingAt: number | null
  readonly now: number
}

/** So many of the last deliveries are looked at, none older than this, and never fewer than the least. */
export const WINDOW = { most: 200, seconds: 600, least: 30 } as const
export const CHECK_SECONDS = 10
/** So many checks in a row have to fail. */
export const BREACHES_TO_STEP = 3
/** For how long after a step nobody may rise. */
export const HOLD_SECONDS = 900
/** A longer interruption counts: a cluster elects its leaders in less. */
const SHORT_SECONDS = 10

const IN_TIME_MS = 5000
const IN_TIME_SHARE = 0.999

/** What is wrong with the leg; null when nothing is, or too little is known. */
export const judge = (evidence: Evidence, limitMs: number): Breach | null => {
  const waitedMs = longestWait(evidence)
  if (waitedMs > IN_TIME_MS) return { kind: 'stalled', seconds: waitedMs / 1000 }
  const latencies = latenciesOf(evidence)
  if (latencies.length < WINDOW.least) return null
  const share = latencies.filter((latency) => latency <= IN_TIME_MS).length / latencies.length
  if (share < IN_TIME_SHARE) return { kind: 'late', share }
  const p95Ms = percentile(latencies, 95)
  return p95Ms > limitMs ? { kind: 'slow', p95Ms } : null
}

/** How long each change took from commit to acknowledgement, of those that say something about the leg. */
export const latenciesOf = ({ delivered, interruptions, now }: Evidence): readonly number[] => {
  const short = interruptions.filter((interruption) => isShort(interruption, now))
  return delivered
    .filter(({ acknowledgedAt }) => acknowledgedAt > now - WINDOW.seconds * 1000)
    .filter((one) => !short.some((interruption) => waitedFor(one, interruption)))
    .slice(-WINDOW.most)
    .map(({ committedAt, acknowledgedAt }) => acknowledgedAt - committedAt)
}

/** The smallest value that so many of a hundred do not exceed (nearest rank). */
export const percentile = (values: readonly number[], percent: number): number => {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.ceil((sorted.length * percent) / 100) - 1] ?? 0
}

const isShort = ({ from, until }: Interruption, now: number): boolean =>
  (until ?? now) - from <= SHORT_SECONDS * 1000

const waitedFor = (
  { committedAt, acknowledgedAt }: Delivered,
  { from, until }: Interruption,
): boolean => acknowledgedAt > from && (until === null || committedAt < until)

/** Milliseconds, counted from the end of a short interruption where there was one, and from nowhere in its midst. */
const longestWait = ({ interruptions, oldestPendingAt, now }: Evidence): number => {
  if (oldestPendingAt === null) return 0
  const short = interruptions.filter((interruption) => isShort(interruption, now))
  const ends = short.map(({ until }) => until ?? now)
  return now - Math.max(oldestPendingAt, ...ends)
}
