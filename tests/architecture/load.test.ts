import { describe, expect, test } from 'bun:test'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../scripts/repository.ts'
import { makeTally } from '../load/observer/make-tally.ts'
import { SUITES } from '../load/run/suites.ts'

const sentAt = 1_700_000_000_000

const arrival = (iteration: number, changes: Partial<Parameters<Tally['add']>[0]> = {}) => ({
  ...{ userId: 'somebody', version: iteration + 1, eventId: `event ${iteration}` },
  traceparent: `00-b10c00071${hex(sentAt, 11)}${hex(iteration, 12)}-00000000000000aa-01`,
  ...{ committedAt: sentAt + 10, arrivedAt: sentAt + 25 },
  ...changes,
})
type Tally = ReturnType<typeof makeTally>
const hex = (value: number, length: number): string => value.toString(16).padStart(length, '0')

const observing = (...arrivals: readonly Parameters<Tally['add']>[0][]) => {
  const tally = makeTally()
  for (const one of arrivals) tally.add(one)
  return tally.observed(0)
}

describe('what the observer of load tells', () => {
  test('is the time from the request and from the commit', () => {
    const { samples, lost, duplicate, outOfOrder } = observing(arrival(0), arrival(1))
    expect(samples[0]).toEqual([25, 15])
    expect({ count: samples.length, lost, duplicate, outOfOrder }).toEqual({
      ...{ count: 2, lost: 0, duplicate: 0, outOfOrder: 0 },
    })
  })

  test('leaves the warm-up out of the times, and misses what is missing of it', () => {
    const warmUp = (iteration: number) => ({
      ...arrival(iteration),
      traceparent: `00-b10c00070${hex(sentAt, 11)}${hex(iteration, 12)}-00000000000000aa-01`,
    })
    expect(observing(warmUp(0), warmUp(2))).toMatchObject({ samples: [], lost: 1 })
  })

  test('is a loss where an iteration between two others has no event', () => {
    expect(observing(arrival(0), arrival(1), arrival(4)).lost).toBe(2)
  })

  test('is a duplicate where an event comes twice', () => {
    expect(observing(arrival(0), arrival(0))).toMatchObject({ duplicate: 1, lost: 0 })
  })

  test('is out of order where a version comes after a higher one of its user', () => {
    expect(observing(arrival(1), arrival(0)).outOfOrder).toBe(1)
    expect(observing(arrival(1), arrival(0, { userId: 'somebody else' })).outOfOrder).toBe(0)
  })

  test('goes on where the last question ended', () => {
    const tally = makeTally()
    tally.add(arrival(0))
    const { next } = tally.observed(0)
    tally.add(arrival(1, { arrivedAt: sentAt + 30 }))
    expect(tally.observed(next).samples).toEqual([[30, 20]])
  })

  test('are events of others as well, but no times of theirs', () => {
    expect(observing(arrival(0, { traceparent: null }))).toMatchObject({ samples: [], lost: 0 })
  })
})

test('every suite of load has its script, and every script is a suite', () => {
  const scripts = readdirSync(join(ROOT, 'tests/load/suites')).map((file) =>
    file.replace('.ts', ''),
  )
  expect(scripts.toSorted()).toEqual(SUITES.map(({ name }) => name).toSorted())
})
