/** The 50th, 95th and 99th percentile in milliseconds; null without any deliveries. */
export type Percentiles = Readonly<Record<'p50Ms' | 'p95Ms' | 'p99Ms', number | null>>

/**
 * How the deliveries of all instances on one channel went in the last five minutes. A latency is the time from the commit of
 * a change to the acknowledgement of its delivery.
 */
export type ChannelStatistics = Percentiles & {
  readonly publishedLast5m: number
  readonly failedLast5m: number
}
