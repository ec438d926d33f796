import { vu } from 'k6/execution'
import type { Options } from 'k6/options'
import { inTurn, registeredUsers } from '../k6/accounts.ts'
import { BASE_THRESHOLDS, constantRate, SUMMARY } from '../k6/arrival-rate.ts'
import { refresh } from '../k6/requests.ts'
import { loadOfSuite } from '../k6/settings.ts'
import { sessionsToRefresh } from '../run/suites.ts'

// Measures refreshes. Each virtual user has one session. Any virtual user that is free makes the next refresh.

const load = loadOfSuite('refresh')
const users = registeredUsers()

export const options: Options = {
  ...SUMMARY,
  scenarios: constantRate({
    ...load,
    exec: 'rotate',
    maxInFlight: sessionsToRefresh(load.rate),
  }),
  thresholds: { ...BASE_THRESHOLDS, 'http_req_duration{phase:load}': ['p(95)<100'] },
}

let token: string | null = null

export const rotate = (): void => {
  token ??= inTurn(users, vu.idInTest - 1).refresh
  const answer = refresh(token)
  if (answer.status === 200) token = String(answer.json('tokens.refreshToken'))
}
