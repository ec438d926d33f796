import type { Channel } from '../../../domain/events/user-event.ts'
import type { Percentiles } from './latencies.ts'

/** How the deliveries of all instances on one channel went in the last five minutes; latencies from commit to acknowledgement. */
export type ChannelFigures = Percentiles & {
  readonly publishedLast5m: number
  readonly failedLast5m: number
}

/** The figures as they are now, by channel. */
export type ReadChannelFigures = () => Promise<(channel: Channel) => ChannelFigures>
