import { vu } from 'k6/execution'
import type { Options } from 'k6/options'
import type { Account } from '../k6/accounts.ts'
import { accountFrom, inTurn, registerAccounts } from '../k6/accounts.ts'
import { BASE_THRESHOLDS, constantRate, SUMMARY } from '../k6/arrival-rate.ts'
import { EVENT_THRESHOLDS, observing } from '../k6/observed-events.ts'
import { change, readProfile, refresh, signIn } from '../k6/requests.ts'
import { durationSeconds, rate, WARM_UP_SECONDS } from '../k6/settings.ts'

// 100 mixed requests a second for 30 minutes. The report shows whether memory and open files grow.

export { observe } from '../k6/observed-events.ts'

const perSecond = rate(100)
const seconds = durationSeconds(1800)
const part = (share: number): number => Math.max(1, Math.round(perSecond * share))
const load = (share: number, exec: string) => {
  const { load: scenario } = constantRate({ rate: part(share), seconds, exec, maxInFlight: 100 })
  return scenario
}

export const options: Options = {
  ...SUMMARY,
  scenarios: {
    updates: load(0.4, 'update'),
    reads: load(0.4, 'read'),
    sign_ins: load(0.1, 'signInAgain'),
    refreshes: load(0.1, 'rotate'),
    ...observing(seconds + WARM_UP_SECONDS),
  },
  thresholds: {
    ...BASE_THRESHOLDS,
    ...EVENT_THRESHOLDS,
    'http_req_duration{phase:load}': ['p(95)<250'],
  },
}

/** An access token is valid for ten minutes. */
const RENEW_AFTER_MS = 8 * 60 * 1000

const USERS = 200

/** The users, and after them as many accounts that only sign in: an account has at most 50 sessions, and the oldest ends. */
export const setup = (): Account[] => registerAccounts(2 * USERS)

let current: { account: Account; at: number } | null = null

/** The account of this virtual user. It signs in again before its access token expires. */
const ownAccount = (accounts: Account[]): Account[] => {
  if (current === null || Date.now() - current.at > RENEW_AFTER_MS) {
    const answer = signIn([inTurn(accounts.slice(0, USERS), vu.idInTest)])
    current = { account: accountFrom(answer), at: Date.now() }
  }
  return [current.account]
}

export const update = (accounts: Account[]): void => {
  change(ownAccount(accounts))
}

export const read = (accounts: Account[]): void => {
  readProfile(ownAccount(accounts))
}

export const signInAgain = (accounts: Account[]): void => {
  accountFrom(signIn(accounts.slice(USERS)))
}

let token: string | null = null

export const rotate = (accounts: Account[]): void => {
  token ??= accountFrom(signIn([inTurn(accounts.slice(0, USERS), vu.idInTest)])).refresh
  token = String(refresh(token).json('refreshToken'))
}
