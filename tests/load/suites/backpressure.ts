import { sleep } from 'k6'
import http from 'k6/http'
import { Trend } from 'k6/metrics'
import type { Options } from 'k6/options'
import { change } from '../k6/calls.ts'
import { demandObserver, EVENT_THRESHOLDS, observing } from '../k6/events.ts'
import { constantRate, SOUND, SUMMARY } from '../k6/open-model.ts'
import type { Person } from '../k6/people.ts'
import { registerPeople } from '../k6/people.ts'
import { durationSeconds, rate, WARM_UP_SECONDS } from '../k6/settings.ts'
import { abort } from '../k6/trace.ts'

// NATS stands still for half a minute while 500 updates a second come in: requests must not notice, and afterwards the
// consumer must get everything within half a minute. Without FAULT_URL somebody has to freeze and thaw it by hand.

export { observe } from '../k6/events.ts'

const USERS = 200
const FROZEN_SECONDS = 30
const seconds = durationSeconds(100)
const freezeAt = WARM_UP_SECONDS + Math.floor(seconds * 0.35)
const { FAULT_URL: faults } = __ENV

const before = new Trend('request_before_fault', true)
const during = new Trend('request_during_fault', true)

export const options: Options = {
  ...SUMMARY,
  scenarios: {
    ...constantRate({ rate: rate(500), seconds, exec: 'update' }),
    ...observing(seconds),
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
    ...SOUND,
    ...EVENT_THRESHOLDS,
    // How the two compare, a threshold cannot say: the command that runs this does.
    request_before_fault: ['max>0'],
    request_during_fault: ['max>0'],
    events_drained_seconds: ['value<30'],
  },
}

type Setup = { readonly people: Person[]; readonly beganAt: number }

export const setup = (): Setup => {
  demandObserver()
  const people = registerPeople(USERS)
  return { people, beganAt: Date.now() }
}

export const update = ({ people, beganAt }: Setup): void => {
  const sinceStart = (Date.now() - beganAt) / 1000
  const { duration } = change(people).timings
  if (sinceStart > WARM_UP_SECONDS && sinceStart < freezeAt) before.add(duration)
  if (sinceStart >= freezeAt && sinceStart < freezeAt + FROZEN_SECONDS) during.add(duration)
}

export const freeze = (): void => {
  tell('freeze')
  sleep(FROZEN_SECONDS)
  tell('thaw')
}

const tell = (what: 'freeze' | 'thaw'): void => {
  if (faults === undefined || faults === '') console.warn(`now ${what} NATS`)
  else if (http.post(`${faults}/${what}`).status !== 204) abort(`NATS could not be told to ${what}`)
}
