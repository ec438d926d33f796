import { check } from 'k6'
import http from 'k6/http'
import { Counter, Trend } from 'k6/metrics'
import type { Options } from 'k6/options'
import { registeredUsers } from '../k6/accounts.ts'
import { SUMMARY } from '../k6/arrival-rate.ts'
import { readProfile, signIn } from '../k6/requests.ts'
import { loadOfSuite } from '../k6/settings.ts'
import { READERS } from '../run/suites.ts'

// Raises the rate of sign-ins beyond the capacity: half of RATE, RATE, then two, five and ten times RATE. A sign-in that is
// refused for lack of capacity must be answered quickly, and the requests of signed-in users must not become slow.

const { rate: peak, seconds } = loadOfSuite('sign-in')
const STEPS = [0.5, 1, 2, 5, 10]
const stepSeconds = Math.max(5, Math.floor(seconds / STEPS.length))

const signedIn = STEPS.map((step) => new Counter(`sign_ins_at_${String(step).replace('.', '_')}x`))
const refusal = new Trend('refusal', true)

export const options: Options = {
  ...SUMMARY,
  scenarios: {
    ...Object.fromEntries(
      STEPS.map((step, index) => [
        `step_${index}`,
        {
          executor: 'constant-arrival-rate',
          exec: 'attempt',
          rate: Math.round(peak * step),
          timeUnit: '1s',
          startTime: `${index * stepSeconds}s`,
          duration: `${stepSeconds}s`,
          preAllocatedVUs: Math.ceil(peak * step),
          maxVUs: 3000,
          gracefulStop: '10s',
          env: { STEP: String(index) },
          tags: { phase: 'load' },
        },
      ]),
    ),
    inside: {
      executor: 'constant-arrival-rate',
      exec: 'read',
      rate: 20,
      timeUnit: '1s',
      duration: `${STEPS.length * stepSeconds}s`,
      preAllocatedVUs: 50,
      tags: { phase: 'inside' },
    },
  },
  thresholds: {
    checks: ['rate==1'],
    dropped_iterations: ['count==0'],
    refusal: ['max<1000'],
    'http_req_duration{phase:inside}': ['p(99)<100'],
  },
}

const readers = registeredUsers(0, READERS)
const others = registeredUsers(READERS)

/** Too many attempts, or no hashing capacity left. Both answers have a Retry-After header. */
const REFUSED = [429, 503]
http.setResponseCallback(http.expectedStatuses(200, 201, ...REFUSED))

export const attempt = (): void => {
  const answer = signIn(others)
  check(answer, {
    'signed in, or refused with Retry-After': ({ status, headers }) =>
      status === 200 || (REFUSED.includes(status) && headers['Retry-After'] !== undefined),
  })
  if (answer.status === 200) signedIn[Number(__ENV['STEP'])]?.add(1)
  else refusal.add(answer.timings.duration)
}

export const read = (): void => {
  readProfile(readers)
}
