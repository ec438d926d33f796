import type { Options } from 'k6/options'
import type { Account } from '../k6/accounts.ts'
import { registerAccounts } from '../k6/accounts.ts'
import { BASE_THRESHOLDS, constantRate, SUMMARY } from '../k6/arrival-rate.ts'
import {
  EVENT_THRESHOLDS,
  LATENCY_THRESHOLDS,
  observing,
  requireObserver,
} from '../k6/observed-events.ts'
import { change } from '../k6/requests.ts'
import { durationSeconds, rate } from '../k6/settings.ts'

// Measures the event latency at 1 000 updates a second of 200 users.

export { observe } from '../k6/observed-events.ts'

const USERS = 200
const seconds = durationSeconds(60)

export const options: Options = {
  ...SUMMARY,
  scenarios: {
    ...constantRate({ rate: rate(1000), seconds, exec: 'update' }),
    ...observing(seconds),
  },
  thresholds: { ...BASE_THRESHOLDS, ...EVENT_THRESHOLDS, ...LATENCY_THRESHOLDS },
}

export const setup = (): Account[] => {
  requireObserver()
  return registerAccounts(USERS)
}

export const update = (accounts: Account[]): void => {
  change(accounts)
}
