import { describe, expect, test } from 'bun:test'
import { makeWebhookSecret } from '../../../src/main/config/backend.ts'
import { readConfig } from '../../../src/main/config/config.ts'
import type { Environment } from '../../../src/main/config/setting.ts'
import { modeOf } from '../../support/builders/migration/given-mode.ts'

const BACKEND = {
  BACKEND_SYNC_URL: 'https://backend.acme.org/sync',
  BACKEND_SYNC_SECRET: makeWebhookSecret(),
}

const syncOf = (environment: Environment) => {
  const reading = readConfig(environment, () => '')
  if ('problems' in reading) throw new Error(reading.problems.join('; '))
  return reading.config.sync
}
const problemsOf = (environment: Environment): readonly string[] => {
  const reading = readConfig(environment, () => '')
  return 'problems' in reading ? reading.problems : []
}

describe('the first mode by the settings', () => {
  test('is events when there is no receiver of HTTP calls', () => {
    expect(syncOf({}).first).toEqual(modeOf('events'))
    expect(syncOf({ USE_EVENT_SYNC: 'true', EVENT_SYNC_PERCENT: '100' }).first).toEqual(
      modeOf('events'),
    )
  })

  test.each([
    [{}, modeOf('http')],
    [{ USE_EVENT_SYNC: 'false' }, modeOf('http')],
    [{ USE_EVENT_SYNC: 'false', EVENT_SYNC_PERCENT: '100' }, modeOf('http')],
    [{ USE_EVENT_SYNC: 'false', EVENT_SYNC_PERCENT: '0' }, modeOf('http')],
    [{ DUAL_WRITE_ENABLED: 'true' }, modeOf('dual')],
    [{ USE_EVENT_SYNC: 'true', EVENT_SYNC_PERCENT: '0' }, modeOf('canary', 0)],
    [{ USE_EVENT_SYNC: 'true', EVENT_SYNC_PERCENT: '25' }, modeOf('canary', 25)],
    [
      { USE_EVENT_SYNC: 'true', EVENT_SYNC_PERCENT: '25', DUAL_WRITE_ENABLED: 'true' },
      modeOf('canary', 25, true),
    ],
    [{ USE_EVENT_SYNC: 'true' }, modeOf('events')],
    [{ USE_EVENT_SYNC: 'true', DUAL_WRITE_ENABLED: 'true' }, modeOf('events', undefined, true)],
  ])('with a receiver of HTTP calls and %j is as they say', (settings, first) => {
    expect(syncOf({ ...BACKEND, ...settings }).first).toEqual(first)
  })

  test.each([
    [{ USE_EVENT_SYNC: 'false' }, 'USE_EVENT_SYNC needs BACKEND_SYNC_URL to be false'],
    [{ DUAL_WRITE_ENABLED: 'true' }, 'DUAL_WRITE_ENABLED needs BACKEND_SYNC_URL'],
    [
      { USE_EVENT_SYNC: 'true', EVENT_SYNC_PERCENT: '99' },
      'EVENT_SYNC_PERCENT needs BACKEND_SYNC_URL to be less than 100',
    ],
    [
      { ...BACKEND, EVENT_SYNC_PERCENT: '10' },
      'EVENT_SYNC_PERCENT needs USE_EVENT_SYNC=true: without, nobody follows events',
    ],
    [
      { ...BACKEND, USE_EVENT_SYNC: 'false', EVENT_SYNC_PERCENT: '10' },
      'EVENT_SYNC_PERCENT needs USE_EVENT_SYNC=true: without, nobody follows events',
    ],
    [
      { ...BACKEND, USE_EVENT_SYNC: 'true', EVENT_SYNC_PERCENT: '101' },
      'EVENT_SYNC_PERCENT must be a whole number from 0 to 100',
    ],
    [{ ...BACKEND, USE_EVENT_SYNC: 'yes' }, 'USE_EVENT_SYNC must be one of true, false'],
    [{ SYNC_GUARD: 'on' }, 'SYNC_GUARD must be one of act, observe, off'],
    [{ SYNC_P95_LIMIT_MS: '0' }, 'SYNC_P95_LIMIT_MS must be a whole number from 1 to 60000'],
    [
      { BACKEND_EVENT_SUBJECT: 'user.events.v1' },
      'BACKEND_EVENT_SUBJECT must be one of USER_EVENTS_SUBJECTS',
    ],
  ])('refuses %j in one clear line', (settings, problem) => {
    expect(problemsOf(settings)).toEqual([problem])
  })

  test('a missing secret is the only problem that is reported for the settings that need it', () => {
    expect(problemsOf({ BACKEND_SYNC_URL: 'https://backend.acme.org' })).toEqual([
      'BACKEND_SYNC_SECRET is required with BACKEND_SYNC_URL',
    ])
  })
})

test('Backend follows the first subject unless another is configured', () => {
  const subjects = { USER_EVENTS_SUBJECTS: 'user.events.v1,user.events' }
  expect(syncOf({}).backendChannel).toBe('nats:user.events')
  expect(syncOf(subjects).backendChannel).toBe('nats:user.events.v1')
  expect(syncOf({ ...subjects, BACKEND_EVENT_SUBJECT: 'user.events' }).backendChannel).toBe(
    'nats:user.events',
  )
})

test('the rollout guard acts at 100 ms unless another limit is configured', () => {
  expect(syncOf({})).toMatchObject({ guard: 'act', p95LimitMs: 100 })
  expect(syncOf({ SYNC_GUARD: 'observe', SYNC_P95_LIMIT_MS: '250' })).toMatchObject({
    guard: 'observe',
    p95LimitMs: 250,
  })
})
