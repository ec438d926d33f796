import type { Metrics } from '../adapters/telemetry/make-metrics.ts'
import type { Channel } from '../domain/user-event.ts'
import type { Deliveries } from '../ports/driven/deliveries.ts'

/** The metrics with the backlog as it is now; without the database, with the backlog as it was last seen. */
export const makeMetricsText =
  (metrics: Metrics, deliveries: Deliveries, channels: readonly Channel[]) =>
  async (): Promise<string> => {
    await Promise.allSettled(
      channels.map(async (channel) =>
        metrics.setBacklog(channel, await deliveries.backlog(channel)),
      ),
    )
    return metrics.text()
  }
