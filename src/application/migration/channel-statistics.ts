import type { DeliveryMeasurements } from '../../ports/driven/events/delivery-measurements.ts'
import type { ReadChannelFigures } from '../../ports/driven/migration/channel-statistics.ts'
import type { LegWindows } from '../../ports/driven/migration/channel-windows.ts'
import type { Latencies } from '../../ports/driven/migration/latencies.ts'

type Needs = { readonly latencies: Latencies; readonly windows: LegWindows }

const WINDOW_SECONDS = 300

/** Puts what this instance measured where all see it. What cannot be written is lost: it is about the last minutes only. */
export const makeShareFigures =
  ({ latencies, windows }: Needs) =>
  (): Promise<void> =>
    windows.keep(latencies.take())

/** Adds up what all instances measured. */
export const makeReadFigures =
  ({ latencies, windows }: Needs): ReadChannelFigures =>
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

/** The same measurements, kept as distributions besides. */
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
