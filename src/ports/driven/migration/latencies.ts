import type { Channel } from '../../../domain/events/user-event.ts'

/** What one instance went through on one channel for a short while. */
export type LegWindow = {
  readonly channel: Channel
  readonly published: number
  readonly failed: number
  /** From commit to acknowledgement, as a text that can be added to others. */
  readonly latencies: string
}

/** Milliseconds that 50, 95 and 99 of a hundred did not exceed; null without any. */
export type Percentiles = Readonly<Record<'p50Ms' | 'p95Ms' | 'p99Ms', number | null>>

/** Distributions of latencies that several instances can add up. */
export type Latencies = {
  published(channel: Channel, milliseconds: number): void
  failed(channel: Channel): void
  /** What came since the last call. */
  take(): readonly LegWindow[]
  percentilesOf(windows: readonly LegWindow[]): Percentiles
}
