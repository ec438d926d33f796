import { expect, test } from 'bun:test'
import type { LimitKey } from '../../../src/ports/driven/limits/limiter.ts'
import { refusedAfter } from '../../support/builders/limits/shared-budgets.ts'

/** Counts by the texts of a key alone, and forgets what the request wanted to do. */
const twin = ({ budget, key }: LimitKey): LimitKey => {
  const [, ...parts]: string[] = JSON.parse(key)
  return { budget, key: [...new Set(parts)].join() }
}

test('budgets whose keys do not say the purpose are caught by a request that uses up those of another', async () => {
  expect(await refusedAfter('a sign-in')).toEqual([])
  expect(await refusedAfter('a sign-in', twin)).toContain('a forged refresh token')
})
