import type { Options } from 'k6/options'
import { register } from '../k6/calls.ts'
import { EVENT_THRESHOLDS, observing } from '../k6/events.ts'
import { constantRate, SOUND, SUMMARY } from '../k6/open-model.ts'
import { durationSeconds, rate } from '../k6/settings.ts'

// 100 registrations a second, each with its hash, its session and its event.

export { observe } from '../k6/events.ts'

const seconds = durationSeconds(60)

export const options: Options = {
  ...SUMMARY,
  scenarios: {
    ...constantRate({ rate: rate(100), seconds, exec: 'registerOne', atOnce: 200 }),
    ...observing(seconds),
  },
  thresholds: {
    ...SOUND,
    ...EVENT_THRESHOLDS,
    'http_req_duration{phase:load}': ['p(95)<250'],
  },
}

export const registerOne = (): void => {
  register()
}
