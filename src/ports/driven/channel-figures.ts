import type { Channel } from '../../domain/user-event.ts'

/** How this instance's deliveries on one channel went lately; null without any. */
export type ChannelFigures = {
  /** Milliseconds from commit to acknowledgement. */
  readonly p50Ms: number | null
  readonly p95Ms: number | null
  readonly p99Ms: number | null
  readonly publishedLast5m: number
  readonly failedLast5m: number
}

export type ReadChannelFigures = (channel: Channel) => ChannelFigures
