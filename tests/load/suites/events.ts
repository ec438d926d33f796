import type { Options } from 'k6/options'
import { registeredUsers } from '../k6/accounts.ts'
import { BASE_THRESHOLDS, constantRate, SUMMARY } from '../k6/arrival-rate.ts'
import {
  EVENT_THRESHOLDS,
  LATENCY_THRESHOLDS,
  observing,
  requireObserver,
} from '../k6/observed-events.ts'
import { change } from '../k6/requests.ts'
import { loadOfSuite } from '../k6/settings.ts'

// Measures the event latency at 1 000 updates a second, of 200 users or as many as `USERS` says.

export { observe } from '../k6/observed-events.ts'

const load = loadOfSuite('events')
const users = registeredUsers()

export const options: Options = {
  ...SUMMARY,
  scenarios: {
    ...constantRate({ ...load, exec: 'update' }),
    ...observing(load),
  },
  thresholds: { ...BASE_THRESHOLDS, ...EVENT_THRESHOLDS, ...LATENCY_THRESHOLDS },
}

export const setup = requireObserver

export const update = (): void => {
  change(users)
}
