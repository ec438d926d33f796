import type { Metrics } from '../adapters/telemetry/make-metrics.ts'
import type { Channel } from '../domain/user-event.ts'
import type { Deliveries } from '../ports/driven/deliveries.ts'
import type { StreamReport } from '../ports/driven/event-streams.ts'

/** The metrics with the backlog as it is now and the streams as last looked at; without the database, with the backlog as it was last seen. */
export const makeMetricsText =
  (
    metrics: Metrics,
    deliveries: Deliveries,
    channels: readonly Channel[],
    reports: () => readonly StreamReport[],
  ) =>
  async (): Promise<string> => {
    metrics.setStreams(reports())
    await Promise.allSettled(
      channels.map(async (channel) =>
        metrics.setBacklog(channel, await deliveries.backlog(channel)),
      ),
    )
    return metrics.text()
  }
