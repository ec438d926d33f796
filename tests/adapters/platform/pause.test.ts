import { afterEach, beforeEach, describe, expect, jest, test } from 'bun:test'
import { pause } from '../../../src/adapters/platform/pause.ts'

const HOUR_MS = 3_600_000

beforeEach(() => {
  jest.useFakeTimers()
})
afterEach(() => {
  jest.useRealTimers()
})

/** Lets time pass and answers whether the pause has ended. */
const given = (milliseconds: number, signal: AbortSignal) => {
  let hasEnded = false
  void pause(milliseconds, signal).then(() => {
    hasEnded = true
  })
  return async (passed: number) => {
    jest.advanceTimersByTime(passed)
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve()
    return hasEnded
  }
}

describe('a pause', () => {
  test('ends after its milliseconds, and leaves no listener at the signal', async () => {
    const { signal } = new AbortController()
    const listeners = new Set<unknown>()
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = (type: string, listener: () => void) => {
      listeners.add(listener)
      add(type, listener)
    }
    signal.removeEventListener = (type: string, listener: () => void) => {
      listeners.delete(listener)
      remove(type, listener)
    }
    const hasEnded = given(1000, signal)
    expect([await hasEnded(999), listeners.size]).toEqual([false, 1])
    expect([await hasEnded(1), listeners.size]).toEqual([true, 0])
  })

  test('ends at once when it is aborted, and leaves no timer that keeps the process alive', async () => {
    const stopping = new AbortController()
    const hasEnded = given(HOUR_MS, stopping.signal)
    expect(await hasEnded(0)).toBe(false)
    stopping.abort()
    expect(await hasEnded(0)).toBe(true)
    expect(jest.getTimerCount()).toBe(0)
  })

  test('does not begin when it is aborted before', async () => {
    expect(await given(HOUR_MS, AbortSignal.abort())(0)).toBe(true)
    expect(jest.getTimerCount()).toBe(0)
  })
})
