import { describe, expect, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../scripts/repository.ts'
import { makeTally } from '../load/observer/tally.ts'
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

test('every load suite has the rate that its script has', () => {
  for (const { name, rate } of SUITES) {
    const script = readFileSync(join(ROOT, 'tests/load/suites', `${name}.ts`), 'utf8')
    const rates = [...script.matchAll(/\brate\((\d+)\)/g)].map(([, number]) => Number(number))
    expect({ name, rates }).toEqual({ name, rates: [rate] })
  }
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
