import { describe, expect, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../scripts/repository.ts'
import { makeTally } from '../load/observer/tally.ts'
import { loadOf, loadText, reportName } from '../load/run/load-of-suite.ts'
import { overloadWarning } from '../load/run/overload-warning.ts'
import { SUITES, suiteNamed } from '../load/run/suites.ts'

const sentAt = 1_700_000_000_000

const received = (iteration: number, changes: Partial<Parameters<Tally['add']>[0]> = {}) => ({
  userId: 'somebody',
  version: iteration + 1,
  eventId: `event ${iteration}`,
  traceparent: `00-b10c00071${hex(sentAt, 11)}${hex(iteration, 12)}-00000000000000aa-01`,
  committedAt: sentAt + 10,
  receivedAt: sentAt + 25,
  ...changes,
})
type Tally = ReturnType<typeof makeTally>
const hex = (value: number, length: number): string => value.toString(16).padStart(length, '0')

const observing = (...events: readonly Parameters<Tally['add']>[0][]) => {
  const tally = makeTally()
  for (const one of events) tally.add(one)
  return tally.observed(0)
}

describe('the figures of the observer', () => {
  test('have the latency from the request and from the commit', () => {
    const { samples, lost, duplicate, outOfOrder } = observing(received(0), received(1))
    expect(samples[0]).toEqual([25, 15])
    expect({ count: samples.length, lost, duplicate, outOfOrder }).toEqual({
      count: 2,
      lost: 0,
      duplicate: 0,
      outOfOrder: 0,
    })
  })

  test('have no latency of the warm-up, but count its lost events', () => {
    const warmUp = (iteration: number) => ({
      ...received(iteration),
      traceparent: `00-b10c00070${hex(sentAt, 11)}${hex(iteration, 12)}-00000000000000aa-01`,
    })
    expect(observing(warmUp(0), warmUp(2))).toMatchObject({ samples: [], lost: 1 })
  })

  test('count an iteration without an event between two others as lost', () => {
    expect(observing(received(0), received(1), received(4)).lost).toBe(2)
  })

  test('count an event that comes twice as a duplicate', () => {
    expect(observing(received(0), received(0))).toMatchObject({ duplicate: 1, lost: 0 })
  })

  test('count a version after a higher one of the same user as out of order', () => {
    expect(observing(received(1), received(0)).outOfOrder).toBe(1)
    expect(observing(received(1), received(0, { userId: 'somebody else' })).outOfOrder).toBe(0)
  })

  test('go on where the last request ended', () => {
    const tally = makeTally()
    tally.add(received(0))
    const { next } = tally.observed(0)
    tally.add(received(1, { receivedAt: sentAt + 30 }))
    expect(tally.observed(next).samples).toEqual([[30, 20]])
  })

  test('include events without a trace of the load test, but not their latency', () => {
    expect(observing(received(0, { traceparent: null }))).toMatchObject({ samples: [], lost: 0 })
  })
})

test('every load suite has a script, and every script is a load suite', () => {
  const scripts = readdirSync(join(ROOT, 'tests/load/suites')).map((file) =>
    file.replace('.ts', ''),
  )
  expect(scripts.toSorted()).toEqual(SUITES.map(({ name }) => name).toSorted())
})

test('every script takes the load of its own suite', () => {
  for (const { name } of SUITES) {
    const script = readFileSync(join(ROOT, 'tests/load/suites', `${name}.ts`), 'utf8')
    const names = [...script.matchAll(/\bloadOfSuite\('(.+)'\)/g)].map(([, found]) => found)
    expect(names).toEqual([name])
  }
})

describe('the load of a suite', () => {
  const load = (name: string, variables = {}) => loadOf(suiteNamed(name), variables)

  test('is what the service promises, unless it is changed', () => {
    expect(load('registrations')).toMatchObject({ rate: 100, seconds: 60 })
    expect(load('events')).toEqual({ rate: 1000, seconds: 60, warmUpSeconds: 20, users: 200 })
    expect(load('ordering')).toEqual({ rate: 500, seconds: 60, warmUpSeconds: 20, users: 20 })
    expect(load('backpressure')).toMatchObject({ rate: 500, warmUpSeconds: 20, users: 200 })
  })

  test('is written in the table of the suites', () => {
    const page = readFileSync(join(ROOT, 'tests/load/README.md'), 'utf8')
    const rows = new Map(
      [...page.matchAll(/^\| `([\w-]+)` \| (.+?) \|/gm)].map(([, n, what]) => [n, what]),
    )
    for (const { name, rate, warmUpSeconds } of SUITES) {
      const written = rows.get(name)?.replaceAll(/(?<=\d) (?=\d)/g, '') ?? ''
      expect(written).toMatch(new RegExp(`\\b${rate} .*per second`))
      expect(written.includes(`${warmUpSeconds} s of warm-up`)).toBe(warmUpSeconds > 0)
    }
  })

  test('changes with RATE, DURATION and USERS', () => {
    const changed = load('events', { RATE: '500', DURATION: '2m', USERS: '20000' })
    expect(changed).toEqual({ rate: 500, seconds: 120, warmUpSeconds: 20, users: 20_000 })
    expect(load('events', { DURATION: '90' }).seconds).toBe(90)
    expect(load('soak', { DURATION: '1h' }).seconds).toBe(3600)
    expect(load('refresh').users).toBeLessThan(load('refresh', { RATE: '300' }).users)
  })

  test.each([
    { RATE: '' },
    { RATE: '0' },
    { RATE: '1e3' },
    { DURATION: '10 minutes' },
    { DURATION: '0s' },
    { USERS: '-1' },
    { USERS: '2.5' },
  ])('is refused with %p', (variables) => {
    expect(() => load('events', variables)).toThrow('must be a whole number above zero')
  })

  test('has another number of users only where the users change in turn', () => {
    for (const name of ['smoke', 'registrations', 'sign-in', 'refresh', 'soak'])
      expect(() => load(name, { USERS: '20000' })).toThrow('events, backpressure, ordering')
  })

  test('is in the name of its report when it is not the default', () => {
    const nameOf = (name: string, variables = {}) =>
      reportName(suiteNamed(name), load(name, variables))
    for (const { name } of SUITES) expect(nameOf(name)).toBe(name)
    expect(nameOf('events', { RATE: '1000', DURATION: '1m', USERS: '200' })).toBe('events')
    expect(nameOf('events', { USERS: '20000' })).toBe('events-20000-users')
    expect(nameOf('refresh', { RATE: '300' })).toBe('refresh-300-per-second')
    expect(nameOf('events', { RATE: '20', DURATION: '10s', USERS: '9' })).toBe(
      'events-9-users-20-per-second-10-seconds',
    )
  })

  test('is told before the run', () => {
    expect(loadText(suiteNamed('events'), load('events'))).toBe(
      'suite events: 1000 a second for 60 s, after 20 s of warm-up at half the rate, with 200 users',
    )
    expect(loadText(suiteNamed('sign-in'), { ...load('sign-in'), users: 0 })).toBe(
      'suite sign-in: 150 a second for 60 s',
    )
  })
})

describe('before a load suite starts', () => {
  const fast = { hashesPerSecond: 265, changesPerSecond: 2000, commitsPerSecond: 5000 }
  const warning = (name: string, rate: number, machine = fast) =>
    overloadWarning(suiteNamed(name), rate, machine)

  test('a rate that the machine can reach gives no warning', () => {
    expect(warning('registrations', 100)).toBeNull()
    expect(warning('events', 1000)).toBeNull()
    // 1 429 × 1.4 is more than 2 000, and 1 428 × 1.4 is less.
    expect(warning('events', 1428)).toBeNull()
  })

  test('a rate above what is left of the twin gives a warning with a rate that can work', () => {
    expect(warning('events', 1429)).toContain('Up to 1428 a second can work')
    expect(warning('events', 2500)).toStartWith(
      'events at 2500 a second asks for 125 % of the changes',
    )
  })

  test('the hashes and the changes of a registration share the machine', () => {
    // 69 % of the hashes are 97 % with the cost of the service, and a few changes are too many.
    const slow = { ...fast, hashesPerSecond: 145 }
    expect(overloadWarning({ name: '', work: { hashesPerSecond: 1 } }, 100, slow)).toBeNull()
    expect(warning('registrations', 100, slow)).toContain(
      '69 % of the argon2id hashes and 5 % of the changes by the twin',
    )
  })

  test('a suite that asks for too much on purpose gives no warning', () => {
    expect(warning('sign-in', 100_000)).toBeNull()
  })
})
