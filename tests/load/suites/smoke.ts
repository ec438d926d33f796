import type { Options } from 'k6/options'
import {
  deleteAccount,
  listSessions,
  readProfile,
  refresh,
  register,
  signIn,
  signOut,
} from '../k6/calls.ts'
import { EVENT_THRESHOLDS, observing } from '../k6/events.ts'
import { constantRate, SOUND, SUMMARY } from '../k6/open-model.ts'
import { personOf } from '../k6/people.ts'
import { durationSeconds, rate } from '../k6/settings.ts'

// Every path once an iteration: whether all of this works here at all, in less than half a minute.

export { observe } from '../k6/events.ts'

const seconds = durationSeconds(10)

export const options: Options = {
  ...SUMMARY,
  scenarios: {
    ...constantRate({ rate: rate(5), seconds, exec: 'everything', atOnce: 100 }),
    ...observing(seconds),
  },
  thresholds: { ...SOUND, ...EVENT_THRESHOLDS, checks: ['rate==1'] },
}

export const everything = (): void => {
  const person = personOf(register())
  readProfile([person])
  listSessions(person)
  const again = personOf(signIn([person]))
  signOut(String(refresh(again.refresh).json('refreshToken')))
  deleteAccount(person)
}
