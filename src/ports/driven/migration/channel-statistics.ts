import type { Channel } from '../../../domain/events/user-event.ts'
import type {
  ChannelStatistics,
  Percentiles,
} from '../../../domain/migration/channel-statistics.ts'

/** What one instance measured on one channel in a few seconds. */
export type ChannelWindow = {
  readonly channel: Channel
  readonly published: number
  readonly failed: number
  /** The distribution of the latencies, as a text that can be added to others. */
  readonly latencies: string
}

/** Measures latencies as distributions that can be added up over several instances. */
export type Latencies = {
  published(channel: Channel, milliseconds: number): void
  failed(channel: Channel): void
  /** What was measured since the last call. */
  take(): readonly ChannelWindow[]
  percentilesOf(windows: readonly ChannelWindow[]): Percentiles
}

/** The windows of all instances, stored where each instance and the command line can read them. */
export type ChannelWindows = {
  /** Adds windows, as of now, and removes those older than an hour. */
  keep(windows: readonly ChannelWindow[]): Promise<void>
  /** The windows of the last so many seconds. */
  recent(seconds: number): Promise<readonly ChannelWindow[]>
}

/** Reads the statistics of the last five minutes once, and answers them by channel. */
export type ReadChannelStatistics = () => Promise<(channel: Channel) => ChannelStatistics>
