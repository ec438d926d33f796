import type { Histogram } from 'hdr-histogram-js'
import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64 } from 'hdr-histogram-js'
import type { Channel } from '../../domain/events/user-event.ts'
import type { Latencies } from '../../ports/driven/migration/channel-statistics.ts'

/** From a millisecond to a day, with an error of at most one percent. */
const SHAPE = {
  lowestDiscernibleValue: 1,
  highestTrackableValue: 86_400_000,
  numberOfSignificantValueDigits: 2,
  bitBucketSize: 32,
  autoResize: false,
  useWebAssembly: false,
} as const

type Present = { readonly histogram: Histogram; failed: number }

/** High dynamic range histograms, one for each channel. */
export const makeLatencies = (): Latencies => {
  let present = new Map<Channel, Present>()
  const of = (channel: Channel): Present => {
    const known = present.get(channel) ?? { histogram: build(SHAPE), failed: 0 }
    present.set(channel, known)
    return known
  }
  return {
    published: (channel, milliseconds) => {
      const { histogram } = of(channel)
      histogram.recordValue(within(milliseconds))
    },
    failed: (channel) => {
      of(channel).failed += 1
    },
    take: () => {
      const taken = present
      present = new Map()
      return [...taken].map(([channel, { histogram, failed }]) => ({
        channel,
        published: histogram.totalCount,
        failed,
        latencies: encodeIntoCompressedBase64(histogram),
      }))
    },
    percentilesOf: (windows) => {
      const all = build(SHAPE)
      for (const { latencies } of windows)
        all.add(decodeFromCompressedBase64(latencies, SHAPE.bitBucketSize, SHAPE.useWebAssembly))
      const at = (percent: number) =>
        all.totalCount === 0 ? null : all.getValueAtPercentile(percent)
      return { p50Ms: at(50), p95Ms: at(95), p99Ms: at(99) }
    },
  }
}

// A clock may have been set back, and a change may have waited for longer than a day.
const within = (milliseconds: number): number =>
  Math.min(Math.max(0, Math.round(milliseconds)), SHAPE.highestTrackableValue)
