import type { Options } from 'k6/options'
import { BASE_THRESHOLDS, constantRate, SUMMARY } from '../k6/arrival-rate.ts'
import { EVENT_THRESHOLDS, observing } from '../k6/observed-events.ts'
import { register } from '../k6/requests.ts'
import { loadOfSuite } from '../k6/settings.ts'

// Measures 100 registrations a second. Each makes a hash, a session and an event.

export { observe } from '../k6/observed-events.ts'

const load = loadOfSuite('registrations')

export const options: Options = {
  ...SUMMARY,
  scenarios: {
    ...constantRate({ ...load, exec: 'registerOne', maxInFlight: 200 }),
    ...observing(load),
  },
  thresholds: {
    ...BASE_THRESHOLDS,
    ...EVENT_THRESHOLDS,
    'http_req_duration{phase:load}': ['p(95)<250'],
  },
}

export const registerOne = (): void => {
  register()
}
