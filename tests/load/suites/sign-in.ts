import { check } from 'k6'
import http from 'k6/http'
import { Counter, Trend } from 'k6/metrics'
import type { Options } from 'k6/options'
import { readProfile, signIn } from '../k6/calls.ts'
import { SUMMARY } from '../k6/open-model.ts'
import type { Person } from '../k6/people.ts'
import { registerPeople } from '../k6/people.ts'
import { durationSeconds, rate } from '../k6/settings.ts'

// Steps to saturation and beyond: half of RATE, all of it, then twice, five and ten times as much. Whoever cannot be let
// in is told at once, and whoever is in does not notice.

const peak = rate(150)
const STEPS = [0.5, 1, 2, 5, 10]
const stepSeconds = Math.max(5, Math.floor(durationSeconds(60) / STEPS.length))

const admitted = STEPS.map((step) => new Counter(`sign_ins_at_${String(step).replace('.', '_')}x`))
const refusal = new Trend('refusal', true)

export const options: Options = {
  ...SUMMARY,
  scenarios: {
    ...Object.fromEntries(
      STEPS.map((step, index) => [
        `step_${index}`,
        {
          executor: 'constant-arrival-rate',
          exec: 'enter',
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

export const setup = (): Person[] => registerPeople(200)

/** Too many attempts, or no place left: both say when to come again. */
const REFUSED = [429, 503]
http.setResponseCallback(http.expectedStatuses(200, 201, ...REFUSED))

export const enter = (people: Person[]): void => {
  const answer = signIn(people)
  check(answer, {
    'let in, or told when to come again': ({ status, headers }) =>
      status === 200 || (REFUSED.includes(status) && headers['Retry-After'] !== undefined),
  })
  if (answer.status === 200) admitted[Number(__ENV['STEP'])]?.add(1)
  else refusal.add(answer.timings.duration)
}

export const read = (people: Person[]): void => {
  readProfile(people)
}
