import { expect, test } from 'bun:test'
import { reconnectDelayMs } from '../../../src/adapters/redis/client.ts'

test.each([
  [0, 50],
  [1, 100],
  [2, 200],
  [4, 800],
  [5, 1000],
  [1_000_000, 1000],
])('after %d failures the next connection is tried within %d ms', (failures, longest) => {
  expect(reconnectDelayMs(failures, 0)).toBe(longest)
  // So that instances which lost the server together do not come back together.
  expect(reconnectDelayMs(failures, 0.5)).toBe(longest * 0.75)
  expect(reconnectDelayMs(failures, 0.999)).toBeGreaterThan(longest / 2)
})
