import { vu } from 'k6/execution'
import type { Options } from 'k6/options'
import { refresh } from '../k6/calls.ts'
import { constantRate, SOUND, SUMMARY } from '../k6/open-model.ts'
import type { Person } from '../k6/people.ts'
import { inTurn, registerPeople } from '../k6/people.ts'
import { durationSeconds, rate } from '../k6/settings.ts'

// Each virtual user keeps one session going; which of them refreshes next is a matter of who is free.

const perSecond = rate(200)
const seconds = durationSeconds(60)
/** Each may refresh 30 times a minute. */
const SESSIONS = Math.max(50, Math.ceil(perSecond * 2.5))

export const options: Options = {
  ...SUMMARY,
  scenarios: constantRate({ rate: perSecond, seconds, exec: 'rotate', atOnce: SESSIONS }),
  thresholds: { ...SOUND, 'http_req_duration{phase:load}': ['p(95)<100'] },
}

export const setup = (): Person[] => registerPeople(2 * SESSIONS)

let token: string | null = null

export const rotate = (people: Person[]): void => {
  token ??= inTurn(people, vu.idInTest - 1).refresh
  const answer = refresh(token)
  if (answer.status === 200) token = String(answer.json('refreshToken'))
}
