import { vu } from 'k6/execution'
import type { Options } from 'k6/options'
import { change, readProfile, refresh, signIn } from '../k6/calls.ts'
import { EVENT_THRESHOLDS, observing } from '../k6/events.ts'
import { constantRate, SOUND, SUMMARY } from '../k6/open-model.ts'
import type { Person } from '../k6/people.ts'
import { inTurn, personOf, registerPeople } from '../k6/people.ts'
import { durationSeconds, rate, WARM_UP_SECONDS } from '../k6/settings.ts'

// Half an hour at half of what the machine can do. The report shows whether memory and open files stay as they are.

export { observe } from '../k6/events.ts'

const perSecond = rate(100)
const seconds = durationSeconds(1800)
const part = (share: number): number => Math.max(1, Math.round(perSecond * share))
const load = (share: number, exec: string) => {
  const { load: scenario } = constantRate({ rate: part(share), seconds, exec, atOnce: 100 })
  return scenario
}

export const options: Options = {
  ...SUMMARY,
  scenarios: {
    updates: load(0.4, 'update'),
    reads: load(0.4, 'read'),
    sign_ins: load(0.1, 'enter'),
    refreshes: load(0.1, 'rotate'),
    ...observing(seconds + WARM_UP_SECONDS),
  },
  thresholds: { ...SOUND, ...EVENT_THRESHOLDS, 'http_req_duration{phase:load}': ['p(95)<250'] },
}

/** An access token lives for ten minutes. */
const FRESH_MS = 8 * 60 * 1000

export const setup = (): Person[] => registerPeople(200)

let myself: { person: Person; at: number } | null = null

/** Each virtual user signs in when its token grows old, as an application would refresh it. */
const signedIn = (people: Person[]): Person[] => {
  if (myself === null || Date.now() - myself.at > FRESH_MS) {
    const answer = signIn([inTurn(people, vu.idInTest)])
    myself = { person: personOf(answer), at: Date.now() }
  }
  return [myself.person]
}

export const update = (people: Person[]): void => {
  change(signedIn(people))
}

export const read = (people: Person[]): void => {
  readProfile(signedIn(people))
}

export const enter = (people: Person[]): void => {
  personOf(signIn(people))
}

let token: string | null = null

export const rotate = (people: Person[]): void => {
  token ??= personOf(signIn([inTurn(people, vu.idInTest)])).refresh
  token = String(refresh(token).json('refreshToken'))
}
