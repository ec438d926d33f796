import { sleep } from 'k6'
import http from 'k6/http'
import { Trend } from 'k6/metrics'
import type { Options } from 'k6/options'
import { registeredUsers } from '../k6/accounts.ts'
import { BASE_THRESHOLDS, constantRate, SUMMARY } from '../k6/arrival-rate.ts'
import { EVENT_THRESHOLDS, observing, requireObserver } from '../k6/observed-events.ts'
import { change } from '../k6/requests.ts'
import { loadOfSuite } from '../k6/settings.ts'
import { abort } from '../k6/trace.ts'

// NATS is frozen for 30 s during 500 updates a second. The response time must stay the same, and afterwards the consumer must
// get every event within 30 s. Without FAULT_URL you freeze and thaw NATS by hand when the suite says so.

export { observe } from '../k6/observed-events.ts'

const FROZEN_SECONDS = 30
const load = loadOfSuite('backpressure')
const freezeAt = load.warmUpSeconds + Math.floor(load.seconds * 0.35)
const users = registeredUsers()
const { FAULT_URL: faultControl } = __ENV

const before = new Trend('request_before_fault', true)
const during = new Trend('request_during_fault', true)

export const options: Options = {
  ...SUMMARY,
  scenarios: {
    ...constantRate({ ...load, exec: 'update' }),
    ...observing(load),
    fault: {
      executor: 'per-vu-iterations',
      vus: 1,
      iterations: 1,
      startTime: `${freezeAt}s`,
      maxDuration: `${FROZEN_SECONDS + 30}s`,
      exec: 'freeze',
      tags: { phase: 'fault' },
    },
  },
  thresholds: {
    ...BASE_THRESHOLDS,
    ...EVENT_THRESHOLDS,
    // A threshold cannot compare two metrics. `bun run test:load` compares them (run-locally.ts).
    request_before_fault: ['max>0'],
    request_during_fault: ['max>0'],
    events_drained_seconds: ['value<30'],
  },
}

/** The time of the start. */
export const setup = (): number => {
  requireObserver()
  return Date.now()
}

export const update = (startedAt: number): void => {
  const sinceStart = (Date.now() - startedAt) / 1000
  const { duration } = change(users).timings
  if (sinceStart > load.warmUpSeconds && sinceStart < freezeAt) before.add(duration)
  if (sinceStart >= freezeAt && sinceStart < freezeAt + FROZEN_SECONDS) during.add(duration)
}

export const freeze = (): void => {
  request('freeze')
  sleep(FROZEN_SECONDS)
  request('thaw')
}

const request = (what: 'freeze' | 'thaw'): void => {
  if (faultControl === undefined || faultControl === '') console.warn(`now ${what} NATS`)
  else if (http.post(`${faultControl}/${what}`).status !== 204)
    abort(`the fault control could not ${what} NATS`)
}
