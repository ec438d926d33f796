import type { Options } from 'k6/options'
import { accountFrom } from '../k6/accounts.ts'
import { BASE_THRESHOLDS, constantRate, SUMMARY } from '../k6/arrival-rate.ts'
import { EVENT_THRESHOLDS, observing } from '../k6/observed-events.ts'
import {
  deleteAccount,
  listSessions,
  readProfile,
  refresh,
  register,
  signIn,
  signOut,
} from '../k6/requests.ts'
import { loadOfSuite } from '../k6/settings.ts'

// Sends every request once in each iteration. It shows in less than 30 s whether the load tests work on this machine.

export { observe } from '../k6/observed-events.ts'

const load = loadOfSuite('smoke')

export const options: Options = {
  ...SUMMARY,
  scenarios: {
    ...constantRate({ ...load, exec: 'everything', maxInFlight: 100 }),
    ...observing(load),
  },
  thresholds: { ...BASE_THRESHOLDS, ...EVENT_THRESHOLDS, checks: ['rate==1'] },
}

export const everything = (): void => {
  const account = accountFrom(register())
  readProfile([account])
  listSessions(account)
  const signedIn = accountFrom(signIn([account]))
  signOut(String(refresh(signedIn.refresh).json('tokens.refreshToken')))
  deleteAccount(account)
}
