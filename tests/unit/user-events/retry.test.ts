import { afterEach, beforeEach, describe, expect, jest, test } from 'bun:test'
import {
  delayOf,
  pause,
  retryUntilStopped,
  settledWithin,
} from '../../../packages/user-events/src/consumer/retry.ts'

const HOUR_MS = 3_600_000

beforeEach(() => {
  jest.useFakeTimers()
})
afterEach(() => {
  jest.useRealTimers()
})

/** What promises have led to, without any time. */
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
}

/** Whether the promise has resolved by now; `advance` lets time pass first. */
const watched = (promise: Promise<unknown>) => {
  let hasEnded = false
  void promise.then(() => {
    hasEnded = true
  })
  return async (milliseconds = 0) => {
    jest.advanceTimersByTime(milliseconds)
    await settle()
    return hasEnded
  }
}

describe('a pause of a consumer', () => {
  test('ends after its milliseconds', async () => {
    const hasEnded = watched(pause(1000, new AbortController().signal))
    expect(await hasEnded(999)).toBe(false)
    expect(await hasEnded(1)).toBe(true)
  })

  test('ends at once when the consumer stops, and leaves no timer that keeps the process alive', async () => {
    const stopping = new AbortController()
    const hasEnded = watched(pause(HOUR_MS, stopping.signal))
    expect(await hasEnded()).toBe(false)
    stopping.abort()
    expect(await hasEnded()).toBe(true)
    expect(jest.getTimerCount()).toBe(0)
  })

  test('does not begin when the consumer has stopped before', async () => {
    expect(await watched(pause(HOUR_MS, AbortSignal.abort()))()).toBe(true)
    expect(jest.getTimerCount()).toBe(0)
  })
})

describe('a wait for work that must not take for ever', () => {
  test.each([
    ['succeeds', () => Promise.resolve()],
    ['fails', () => Promise.reject(new Error('failed'))],
  ])('ends once the work %s, and leaves no timer', async (_, work) => {
    expect(await watched(settledWithin(HOUR_MS, work()))()).toBe(true)
    expect(jest.getTimerCount()).toBe(0)
  })

  test('ends after its milliseconds when the work does not', async () => {
    const hasEnded = watched(settledWithin(1000, new Promise(() => {})))
    expect(await hasEnded(999)).toBe(false)
    expect(await hasEnded(1)).toBe(true)
  })
})

describe('the delay after an attempt', () => {
  test.each([
    [1, 250],
    [2, 500],
    [3, 1000],
    [6, 8000],
    [7, 10_000],
    [100_000, 10_000],
  ])('number %d is %d ms, doubled from 250 ms up to 10 s', (attempt, delay) => {
    expect(delayOf(attempt, 250, 10_000)).toBe(delay)
  })
})

describe('work that is tried until the consumer stops', () => {
  /** Work that fails so many times. */
  const given = (failures: number, signal = new AbortController().signal) => {
    const told: unknown[] = []
    let tries = 0
    const work = async () => {
      tries += 1
      if (tries <= failures) throw new Error(`failure ${tries}`)
      return `success ${tries}`
    }
    const result = retryUntilStopped(work, (fault) => told.push(String(fault)), signal)
    return { result, told, tries: () => tries, hasEnded: watched(result) }
  }

  test('answers its result, after a longer pause each time, and tells each fault', async () => {
    const { result, told, tries, hasEnded } = given(3)
    await hasEnded()
    expect([tries(), told]).toEqual([1, ['Error: failure 1']])
    await hasEnded(250)
    expect(tries()).toBe(2)
    await hasEnded(499)
    expect(tries()).toBe(2)
    await hasEnded(1)
    expect(tries()).toBe(3)
    expect(await hasEnded(1000)).toBe(true)
    expect(await result).toBe('success 4')
    expect(told).toHaveLength(3)
  })

  test('is not tried again after the stop, and answers null', async () => {
    const stopping = new AbortController()
    const { result, told, tries, hasEnded } = given(3, stopping.signal)
    expect(await hasEnded()).toBe(false)
    stopping.abort()
    expect(await hasEnded()).toBe(true)
    expect([await result, tries(), told]).toEqual([null, 1, ['Error: failure 1']])
  })

  test('is tried once when the consumer has stopped before', async () => {
    expect(await given(0, AbortSignal.abort()).result).toBe('success 1')
    expect(await given(1, AbortSignal.abort()).result).toBeNull()
  })
})
