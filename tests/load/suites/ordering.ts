import type { Options } from 'k6/options'
import type { Account } from '../k6/accounts.ts'
import { registerAccounts } from '../k6/accounts.ts'
import { BASE_THRESHOLDS, constantRate, SUMMARY } from '../k6/arrival-rate.ts'
import { EVENT_THRESHOLDS, observing, requireObserver } from '../k6/observed-events.ts'
import { change } from '../k6/requests.ts'
import { durationSeconds, rate } from '../k6/settings.ts'

// Checks the order of events: 20 users change all the time, and their requests go to several instances.

export { observe } from '../k6/observed-events.ts'

const USERS = 20
const seconds = durationSeconds(60)

export const options: Options = {
  ...SUMMARY,
  scenarios: {
    ...constantRate({ rate: rate(500), seconds, exec: 'update' }),
    ...observing(seconds),
  },
  thresholds: { ...BASE_THRESHOLDS, ...EVENT_THRESHOLDS },
}

export const setup = (): Account[] => {
  requireObserver()
  return registerAccounts(USERS)
}

export const update = (accounts: Account[]): void => {
  change(accounts)
}
