import type { DeliveryMeasurements } from '../../ports/driven/events/delivery-measurements.ts'
import type {
  ChannelWindows,
  Latencies,
  ReadChannelStatistics,
} from '../../ports/driven/migration/channel-statistics.ts'

const WINDOW_SECONDS = 300

type Needs = { readonly latencies: Latencies; readonly windows: ChannelWindows }

/** Adds up what all instances measured in the last five minutes. */
export const makeReadChannelStatistics =
  ({ latencies, windows }: Needs): ReadChannelStatistics =>
  async () => {
    const recent = await windows.recent(WINDOW_SECONDS)
    return (channel) => {
      const own = recent.filter((window) => window.channel === channel)
      return {
        ...latencies.percentilesOf(own),
        publishedLast5m: own.reduce((sum, { published }) => sum + published, 0),
        failedLast5m: own.reduce((sum, { failed }) => sum + failed, 0),
      }
    }
  }

/** The same measurements. Each delivery and each failure is also added to the distributions. */
export const withLatencies = (
  measurements: DeliveryMeasurements,
  latencies: Latencies,
): DeliveryMeasurements => ({
  ...measurements,
  delivered: (channel, seconds) => {
    latencies.published(channel, seconds * 1000)
    measurements.delivered(channel, seconds)
  },
  deliveryFailed: (channel, kind) => {
    latencies.failed(channel)
    measurements.deliveryFailed(channel, kind)
  },
})
