import type { Options } from 'k6/options'
import { change } from '../k6/calls.ts'
import { demandObserver, EVENT_THRESHOLDS, LATENCY_THRESHOLDS, observing } from '../k6/events.ts'
import { constantRate, SOUND, SUMMARY } from '../k6/open-model.ts'
import type { Person } from '../k6/people.ts'
import { registerPeople } from '../k6/people.ts'
import { durationSeconds, rate } from '../k6/settings.ts'

// 1 000 updates a second of 200 users: how long until a real consumer has each event?

export { observe } from '../k6/events.ts'

const USERS = 200
const seconds = durationSeconds(60)

export const options: Options = {
  ...SUMMARY,
  scenarios: {
    ...constantRate({ rate: rate(1000), seconds, exec: 'update' }),
    ...observing(seconds),
  },
  thresholds: { ...SOUND, ...EVENT_THRESHOLDS, ...LATENCY_THRESHOLDS },
}

export const setup = (): Person[] => {
  demandObserver()
  return registerPeople(USERS)
}

export const update = (people: Person[]): void => {
  change(people)
}
