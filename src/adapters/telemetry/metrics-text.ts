import type { StreamReport } from '../../domain/events/stream-report.ts'
import type { Channel } from '../../domain/events/user-event.ts'
import type { Deliveries } from '../../ports/driven/events/deliveries.ts'
import type { ConsumerReports } from '../../ports/driven/events/event-consumers.ts'
import type { Metrics } from './metrics.ts'

type Needs = {
  readonly metrics: Metrics
  readonly deliveries: Pick<Deliveries, 'backlog'>
  readonly senders: ReadonlyMap<Channel, { isReady(): boolean }>
  readonly consumerReports: Pick<ConsumerReports, 'latest'>
  readonly streamReports: () => readonly StreamReport[]
}

/**
 * The metrics, with the present backlog and consumers from the database and the streams as they were last read. While the
 * database does not answer, the backlog and the consumers keep the values that were read last.
 */
export const makeMetricsText =
  ({ metrics, deliveries, senders, consumerReports, streamReports }: Needs) =>
  async (): Promise<string> => {
    metrics.setStreams(streamReports())
    for (const [channel, sender] of senders) metrics.setChannelReady(channel, sender.isReady())
    await Promise.allSettled([
      ...[...senders.keys()].map(async (channel) =>
        metrics.setBacklog(channel, await deliveries.backlog(channel)),
      ),
      consumerReports.latest().then((reports) => metrics.setConsumers(reports ?? [])),
    ])
    return metrics.text()
  }
