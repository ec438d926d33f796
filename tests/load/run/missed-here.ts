import type { Site } from '../../../bench/site.ts'
import {
  committedCount,
  complaintsAbout,
  historyOf,
} from '../../support/builders/stream-history.ts'
import type { Suite } from './suites.ts'

/** The most that a frozen broker may add to a request. */
const FAULT_FACTOR = 1.2

/** What one suite compares beyond single thresholds, and what only the servers themselves can tell. */
export const missedHere = async (suite: Suite, site: Site, metrics: unknown): Promise<string[]> => [
  ...(await missedInStream(site)),
  ...(suite.name === 'backpressure' ? missedUnderFault(metrics) : []),
]

/** Everything that was committed is in the stream, once and in order, whatever the observer saw. */
const missedInStream = async (site: Site): Promise<string[]> => {
  const nats = { servers: site.natsUrl.split(',').map((url) => new URL(url).host) }
  const history = await historyOf({ nats })
  const committed = await committedCount(site)
  const counts = `${history.length} messages for ${committed} committed changes`
  return [
    ...(history.length === committed ? [] : [counts]),
    ...complaintsAbout(history).slice(0, 20),
  ]
}

const missedUnderFault = (metrics: unknown): string[] => {
  const [before, during] = [
    p95Of(metrics, 'request_before_fault'),
    p95Of(metrics, 'request_during_fault'),
  ]
  if (during <= before * FAULT_FACTOR) return []
  return [`p95 of requests went from ${before} ms to ${during} ms while NATS stood still`]
}

const p95Of = (metrics: unknown, name: string): number => {
  const found = at(at(metrics, name), 'p(95)')
  return typeof found === 'number' ? found : Number.NaN
}

const at = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
