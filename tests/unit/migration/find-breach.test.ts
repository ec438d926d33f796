import { describe, expect, test } from 'bun:test'
import type {
  DeliveryTime,
  Interruption,
  Observations,
} from '../../../src/domain/migration/find-breach.ts'
import { findBreach, latenciesOf, percentile } from '../../../src/domain/migration/find-breach.ts'

const NOW = 10_000_000
const LIMIT = 100

/** Deliveries one after the other, the last of them just now, each with this latency in milliseconds. */
const delivered = (latencies: readonly number[], everyMs = 100, end = NOW): DeliveryTime[] =>
  latencies.map((latency, index) => {
    const acknowledgedAt = end - (latencies.length - 1 - index) * everyMs
    return { committedAt: acknowledgedAt - latency, acknowledgedAt }
  })
const times = (count: number, latency: number): number[] => Array<number>(count).fill(latency)
const evidence = (given: Partial<Observations>): Observations => ({
  delivered: [],
  interruptions: [],
  oldestPendingAt: null,
  now: NOW,
  ...given,
})
const verdict = (given: Partial<Observations>) => findBreach(evidence(given), LIMIT)

describe('the channel that Backend follows', () => {
  test('is well while there are no deliveries', () => {
    expect(verdict({})).toBeNull()
  })

  test('is well at the limit, and slow above it', () => {
    expect(verdict({ delivered: delivered(times(200, 100)) })).toBeNull()
    expect(verdict({ delivered: delivered(times(200, 101)) })).toEqual({ kind: 'slow', p95Ms: 101 })
  })

  test('may be slow five times in a hundred', () => {
    expect(verdict({ delivered: delivered([...times(10, 900), ...times(190, 5)]) })).toBeNull()
    expect(verdict({ delivered: delivered([...times(11, 900), ...times(189, 5)]) })).toEqual({
      kind: 'slow',
      p95Ms: 900,
    })
  })

  test('is late with one of 200 over 5 seconds, though all the rest is quick', () => {
    expect(verdict({ delivered: delivered([5000, ...times(199, 5)]) })).toBeNull()
    expect(verdict({ delivered: delivered([5001, ...times(199, 5)]) })).toEqual({
      kind: 'late',
      share: 0.995,
    })
  })

  test('is judged by its last 200 deliveries', () => {
    expect(verdict({ delivered: delivered([9000, ...times(199, 5)]) })?.kind).toBe('late')
    expect(verdict({ delivered: delivered([9000, ...times(200, 5)]) })).toBeNull()
  })

  test('is not judged by what is older than 10 minutes', () => {
    const old = delivered(times(40, 900), 100, NOW - 600_000)
    expect(verdict({ delivered: old })).toBeNull()
    const recent = delivered(times(40, 900), 100, NOW - 590_000)
    expect(verdict({ delivered: recent })?.kind).toBe('slow')
  })

  test('is not judged by fewer than 30 deliveries', () => {
    expect(verdict({ delivered: delivered(times(29, 900)) })).toBeNull()
    expect(verdict({ delivered: delivered(times(30, 900)) })?.kind).toBe('slow')
  })

  test('is stalled when a change has waited for more than 5 seconds, at any rate of changes', () => {
    expect(verdict({ oldestPendingAt: NOW - 5000 })).toBeNull()
    expect(verdict({ oldestPendingAt: NOW - 5001 })).toEqual({ kind: 'stalled', seconds: 5.001 })
    expect(
      verdict({ oldestPendingAt: NOW - 6000, delivered: delivered(times(200, 5)) })?.kind,
    ).toBe('stalled')
  })
})

describe('an interruption of at most 10 seconds', () => {
  const short: Interruption = { from: NOW - 60_000, until: NOW - 50_000 }
  const long: Interruption = { from: NOW - 60_001, until: NOW - 50_000 }
  /** Committed during the interruption and delivered at its end. */
  const waited = delivered(times(10, 6000), 1, NOW - 49_900)
  const quick = delivered(times(60, 5))

  test('excuses what waited for it, and a longer one does not', () => {
    expect(verdict({ delivered: [...waited, ...quick], interruptions: [short] })).toBeNull()
    expect(verdict({ delivered: [...waited, ...quick], interruptions: [long] })?.kind).toBe('late')
  })

  test('counts what it excuses neither way', () => {
    const all = evidence({ delivered: [...waited, ...quick], interruptions: [short] })
    expect(latenciesOf(all)).toHaveLength(60)
    expect(
      verdict({ delivered: [...waited, ...delivered(times(29, 900))], interruptions: [short] }),
    ).toBeNull()
  })

  test('excuses nothing that was delivered before it or committed after it', () => {
    const before = delivered(times(30, 900), 1, NOW - 60_000)
    const after = delivered(times(30, 900), 1, NOW - 49_000)
    for (const some of [before, after])
      expect(verdict({ delivered: some, interruptions: [short] })?.kind).toBe('slow')
  })

  test('that lasts still excuses what waits, until it has become a long one', () => {
    const since = (from: number) => ({
      interruptions: [{ from, until: null }],
      oldestPendingAt: from,
    })
    expect(verdict(since(NOW - 10_000))).toBeNull()
    expect(verdict(since(NOW - 10_001))).toEqual({ kind: 'stalled', seconds: 10.001 })
  })

  test('lets what waited for it begin to wait at its end', () => {
    const ended = (until: number) => ({
      interruptions: [{ from: until - 9000, until }],
      oldestPendingAt: until - 8000,
    })
    expect(verdict(ended(NOW - 5000))).toBeNull()
    expect(verdict(ended(NOW - 5001))).toEqual({ kind: 'stalled', seconds: 5.001 })
  })

  test('before which something waited already excuses the time until its end', () => {
    const interruptions = [{ from: NOW - 4000, until: NOW - 3000 }]
    expect(verdict({ interruptions, oldestPendingAt: NOW - 20_000 })).toBeNull()
  })
})

test('a percentile is the smallest value that so many do not exceed', () => {
  expect(percentile([3, 1, 2, 4], 50)).toBe(2)
  expect(percentile([3, 1, 2, 4], 100)).toBe(4)
  expect(percentile([7], 95)).toBe(7)
  expect(percentile([], 95)).toBe(0)
})
