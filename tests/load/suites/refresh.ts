import { vu } from 'k6/execution'
import type { Options } from 'k6/options'
import type { Account } from '../k6/accounts.ts'
import { inTurn, registerAccounts } from '../k6/accounts.ts'
import { BASE_THRESHOLDS, constantRate, SUMMARY } from '../k6/arrival-rate.ts'
import { refresh } from '../k6/requests.ts'
import { durationSeconds, rate } from '../k6/settings.ts'

// Measures refreshes. Each virtual user has one session. Any virtual user that is free makes the next refresh.

const perSecond = rate(200)
const seconds = durationSeconds(60)
/** The rate limit allows 30 refreshes a minute for each session. */
const SESSIONS = Math.max(50, Math.ceil(perSecond * 2.5))

export const options: Options = {
  ...SUMMARY,
  scenarios: constantRate({ rate: perSecond, seconds, exec: 'rotate', maxInFlight: SESSIONS }),
  thresholds: { ...BASE_THRESHOLDS, 'http_req_duration{phase:load}': ['p(95)<100'] },
}

export const setup = (): Account[] => registerAccounts(2 * SESSIONS)

let token: string | null = null

export const rotate = (accounts: Account[]): void => {
  token ??= inTurn(accounts, vu.idInTest - 1).refresh
  const answer = refresh(token)
  if (answer.status === 200) token = String(answer.json('refreshToken'))
}
