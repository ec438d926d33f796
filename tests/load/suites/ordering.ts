import type { Options } from 'k6/options'
import { change } from '../k6/calls.ts'
import { demandObserver, EVENT_THRESHOLDS, observing } from '../k6/events.ts'
import { constantRate, SOUND, SUMMARY } from '../k6/open-model.ts'
import type { Person } from '../k6/people.ts'
import { registerPeople } from '../k6/people.ts'
import { durationSeconds, rate } from '../k6/settings.ts'

// Few users who change all the time, on several instances: does anybody ever see a version out of order?

export { observe } from '../k6/events.ts'

const USERS = 20
const seconds = durationSeconds(60)

export const options: Options = {
  ...SUMMARY,
  scenarios: {
    ...constantRate({ rate: rate(500), seconds, exec: 'update' }),
    ...observing(seconds),
  },
  thresholds: { ...SOUND, ...EVENT_THRESHOLDS },
}

export const setup = (): Person[] => {
  demandObserver()
  return registerPeople(USERS)
}

export const update = (people: Person[]): void => {
  change(people)
}
