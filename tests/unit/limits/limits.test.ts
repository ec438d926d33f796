import { describe, expect, test } from 'bun:test'
import {
  BUDGETS_WITH_GROWING_BLOCKS,
  blockSeconds,
  DEFAULT_BUDGETS,
} from '../../../src/domain/limits/limits.ts'

describe('the budgets', () => {
  test('allow so many attempts in so many seconds', () => {
    expect(DEFAULT_BUDGETS).toEqual({
      'sign-in-account-prefix': { points: 5, seconds: 900 },
      'sign-in-account': { points: 10, seconds: 900 },
      'sign-in-prefix': { points: 50, seconds: 900 },
      'sign-in-success': { points: 30, seconds: 60 },
      register: { points: 5, seconds: 3600 },
      confirm: { points: 10, seconds: 900 },
      profile: { points: 60, seconds: 60 },
      username: { points: 10, seconds: 3600 },
      'oauth-start': { points: 30, seconds: 60 },
      'code-exchange': { points: 20, seconds: 60 },
      refresh: { points: 30, seconds: 60 },
    })
  })

  test('block an account for 1, 2, 4, 8, then always 15 minutes', () => {
    expect(BUDGETS_WITH_GROWING_BLOCKS).toEqual(['sign-in-account'])
    expect([0, 1, 2, 3, 4, 5, 1000].map(blockSeconds)).toEqual([60, 120, 240, 480, 900, 900, 900])
  })
})
