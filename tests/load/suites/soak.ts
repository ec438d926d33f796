import { vu } from 'k6/execution'
import type { Options } from 'k6/options'
import { accountFrom, inTurn, registeredUsers } from '../k6/accounts.ts'
import { BASE_THRESHOLDS, constantRate, SUMMARY } from '../k6/arrival-rate.ts'
import { EVENT_THRESHOLDS, observing } from '../k6/observed-events.ts'
import type { Account } from '../k6/registration.ts'
import { change, readProfile, refresh, signIn } from '../k6/requests.ts'
import { loadOfSuite } from '../k6/settings.ts'
import { SOAK_USERS } from '../run/suites.ts'

// 100 mixed requests a second for 30 minutes. The report shows whether memory and open files grow.

export { observe } from '../k6/observed-events.ts'

const ofSuite = loadOfSuite('soak')
const part = (share: number): number => Math.max(1, Math.round(ofSuite.rate * share))
const load = (share: number, exec: string) => {
  const { load: scenario } = constantRate({
    ...ofSuite,
    rate: part(share),
    exec,
    maxInFlight: 100,
  })
  return scenario
}

export const options: Options = {
  ...SUMMARY,
  scenarios: {
    updates: load(0.4, 'update'),
    reads: load(0.4, 'read'),
    sign_ins: load(0.1, 'signInAgain'),
    refreshes: load(0.1, 'rotate'),
    ...observing(ofSuite),
  },
  thresholds: {
    ...BASE_THRESHOLDS,
    ...EVENT_THRESHOLDS,
    'http_req_duration{phase:load}': ['p(95)<250'],
  },
}

/** An access token is valid for ten minutes. */
const RENEW_AFTER_MS = 8 * 60 * 1000

const users = registeredUsers(0, SOAK_USERS)
const others = registeredUsers(SOAK_USERS)

let current: { account: Account; at: number } | null = null

/** The account of this virtual user. It signs in again before its access token expires. */
const ownAccount = (): Account[] => {
  if (current === null || Date.now() - current.at > RENEW_AFTER_MS) {
    const answer = signIn([inTurn(users, vu.idInTest)])
    current = { account: accountFrom(answer), at: Date.now() }
  }
  return [current.account]
}

export const update = (): void => {
  change(ownAccount())
}

export const read = (): void => {
  readProfile(ownAccount())
}

export const signInAgain = (): void => {
  accountFrom(signIn(others))
}

let token: string | null = null

export const rotate = (): void => {
  token ??= accountFrom(signIn([inTurn(users, vu.idInTest)])).refresh
  token = String(refresh(token).json('tokens.refreshToken'))
}
