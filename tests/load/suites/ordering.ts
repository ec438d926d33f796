import type { Options } from 'k6/options'
import { registeredUsers } from '../k6/accounts.ts'
import { BASE_THRESHOLDS, constantRate, SUMMARY } from '../k6/arrival-rate.ts'
import { EVENT_THRESHOLDS, observing, requireObserver } from '../k6/observed-events.ts'
import { change } from '../k6/requests.ts'
import { loadOfSuite } from '../k6/settings.ts'

// Checks the order of events: 20 users change all the time, and their requests go to several instances.

export { observe } from '../k6/observed-events.ts'

const load = loadOfSuite('ordering')
const users = registeredUsers()

export const options: Options = {
  ...SUMMARY,
  scenarios: {
    ...constantRate({ ...load, exec: 'update' }),
    ...observing(load),
  },
  thresholds: { ...BASE_THRESHOLDS, ...EVENT_THRESHOLDS },
}

export const setup = requireObserver

export const update = (): void => {
  change(users)
}
