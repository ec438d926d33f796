import { sleep } from 'k6'
import { scenario } from 'k6/execution'
import http from 'k6/http'
import { Counter, Gauge, Trend } from 'k6/metrics'
import type { Observed } from '../observer/tally.ts'
import type { Load } from '../run/load-of-suite.ts'
import { OBSERVER } from './settings.ts'
import { abort } from './trace.ts'

// The figures of the observer, which is a real consumer, as metrics of this run.

/** From the sending of the request until the consumer has the event. */
const latency = new Trend('event_latency', true)
/** From the commit, measured by the clock of the database, until the consumer has the event. */
const latencyFromCommit = new Trend('event_latency_from_commit', true)
const seen = new Counter('events_seen')
const lost = new Counter('events_lost')
const duplicate = new Counter('events_duplicate')
const outOfOrder = new Counter('events_out_of_order')
/** From the last request until the last event was received. */
const drained = new Gauge('events_drained_seconds')

/** The thresholds of every suite with an observer. */
export const EVENT_THRESHOLDS: Record<string, string[]> =
  OBSERVER === null
    ? {}
    : {
        events_seen: ['count>0'],
        events_lost: ['count==0'],
        events_duplicate: ['count==0'],
        events_out_of_order: ['count==0'],
      }

export const LATENCY_THRESHOLDS: Record<string, string[]> =
  OBSERVER === null ? {} : { event_latency: ['p(95)<50'], event_latency_from_commit: ['p(95)<50'] }

/** The scenario that reads the figures of the observer. */
export const observing = ({
  seconds,
  warmUpSeconds,
}: Pick<Load, 'seconds' | 'warmUpSeconds'>): Record<string, object> =>
  OBSERVER === null
    ? {}
    : {
        observer: {
          executor: 'per-vu-iterations',
          vus: 1,
          iterations: 1,
          maxDuration: `${seconds + warmUpSeconds + LONGEST_DRAIN_SECONDS + 10}s`,
          exec: 'observe',
          env: { LAST_REQUEST_AT: String(seconds + warmUpSeconds) },
          tags: { phase: 'observer' },
        },
      }

const LONGEST_DRAIN_SECONDS = 60
const QUIET_SECONDS = 3

/** The function of the scenario: it reads the figures until all events have been received. */
export const observe = (): void => {
  const lastRequestAt = scenario.startTime + Number(__ENV['LAST_REQUEST_AT']) * 1000
  let after = 0
  let lastSeenAt = Date.now()
  for (;;) {
    const observed = readObserver(after)
    after = observed.next
    for (const [fromRequest, fromCommit] of observed.samples) {
      latency.add(fromRequest)
      latencyFromCommit.add(fromCommit)
    }
    seen.add(observed.samples.length)
    if (observed.samples.length > 0) lastSeenAt = Date.now()
    if (Date.now() > lastRequestAt && isComplete(observed, lastSeenAt, lastRequestAt)) {
      lost.add(observed.lost)
      duplicate.add(observed.duplicate)
      outOfOrder.add(observed.outOfOrder)
      drained.add(Math.max(0, observed.lastSeenAt - lastRequestAt) / 1000)
      return
    }
    sleep(0.5)
  }
}

/**
 * True when no event is missing and none came for 3 s, or 60 s after the last request. A missing event can still come: after
 * a lost connection the server repeats it when the ack wait of 30 s has passed.
 */
const isComplete = (
  { lost: missing }: Observed,
  lastSeenAt: number,
  lastRequestAt: number,
): boolean =>
  (missing === 0 && Date.now() - lastSeenAt > QUIET_SECONDS * 1000) ||
  Date.now() - lastRequestAt > LONGEST_DRAIN_SECONDS * 1000

const readObserver = (after: number): Observed => {
  const answer = http.get(`${OBSERVER}/observed?after=${after}`)
  if (answer.status !== 200) abort(`the observer answered ${answer.status}`)
  return answer.json() as unknown as Observed
}

/** For `setup` of the suites that measure nothing without an observer. */
export const requireObserver = (): void => {
  if (OBSERVER === null)
    abort(
      'this suite needs OBSERVER_URL. Start the observer with: bun tests/load/observer/main.ts. Or use: bun run test:load',
    )
}
