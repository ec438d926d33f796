import { describe, expect, test } from 'bun:test'
import { makeLatencies } from '../../../src/adapters/telemetry/latencies.ts'
import type { Channel } from '../../../src/domain/events/user-event.ts'

const EVENTS: Channel = 'nats:user.events'
const CALLS: Channel = 'http:backend'
const measured = (milliseconds: readonly number[], channel: Channel = EVENTS) => {
  const latencies = makeLatencies()
  for (const one of milliseconds) latencies.published(channel, one)
  return latencies.take()
}
const { percentilesOf } = makeLatencies()
const upTo = (most: number) => Array.from({ length: most }, (_, index) => index + 1)

describe('latencies', () => {
  test('are reported as percentiles, within one percent of their value', () => {
    const { p50Ms, p95Ms, p99Ms } = percentilesOf(measured(upTo(10_000)))
    for (const [told, exact] of [
      [p50Ms, 5000],
      [p95Ms, 9500],
      [p99Ms, 9900],
    ] as const)
      expect(Math.abs((told ?? 0) - exact)).toBeLessThanOrEqual(exact / 100)
  })

  test('of several instances add up', () => {
    const together = [...measured(Array(900).fill(10)), ...measured(Array(100).fill(1000))]
    const { p50Ms, p99Ms } = percentilesOf(together)
    expect(p50Ms).toBe(10)
    expect(Math.abs((p99Ms ?? 0) - 1000)).toBeLessThanOrEqual(10)
  })

  test('are separate for each channel, with the numbers of published and failed messages', () => {
    const latencies = makeLatencies()
    latencies.published(EVENTS, 3)
    latencies.published(EVENTS, 4)
    latencies.failed(CALLS)
    expect(
      latencies.take().map(({ channel, published, failed }) => [channel, published, failed]),
    ).toEqual([
      [EVENTS, 2, 0],
      [CALLS, 0, 1],
    ])
  })

  test('start again after they were read', () => {
    const latencies = makeLatencies()
    latencies.published(EVENTS, 3)
    latencies.take()
    expect(latencies.take()).toEqual([])
  })

  test('are unknown without any', () => {
    expect(percentilesOf([])).toEqual({ p50Ms: null, p95Ms: null, p99Ms: null })
  })

  test('below zero and above a day are those of the bounds', () => {
    expect(percentilesOf(measured([-5])).p99Ms).toBe(0)
    expect(percentilesOf(measured([1e12])).p99Ms).toBeGreaterThan(86_000_000)
  })
})
