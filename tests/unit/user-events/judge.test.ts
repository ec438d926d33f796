import { expect, test } from 'bun:test'
import type { Verdict } from '../../../packages/user-events/src/consumer/judge.ts'
import { isEffective, judge } from '../../../packages/user-events/src/consumer/judge.ts'

const APPLIED = { userId: 'user', version: 5, eventId: 'five' }

test.each<[string, number, string, Verdict, boolean]>([
  ['an older version', 4, 'four', { kind: 'stale' }, false],
  ['the very event', 5, 'five', { kind: 'duplicate' }, false],
  ['the same version from another event', 5, 'other', { kind: 'conflict' }, false],
  ['the next version', 6, 'six', { kind: 'applied' }, true],
  ['a version after one that was not seen', 7, 'seven', { kind: 'gap', skipped: 1 }, true],
  [
    'a version after many that were not seen',
    1_000_000,
    'far',
    { kind: 'gap', skipped: 999_994 },
    true,
  ],
])('after version 5 %s is judged', (_, version, eventId, verdict, runs) => {
  expect(judge(APPLIED, { version, eventId })).toEqual(verdict)
  expect(isEffective(verdict)).toBe(runs)
})

test('the first event of a user is applied, whatever its version', () => {
  expect(judge(null, { version: 9, eventId: 'nine' })).toEqual({ kind: 'applied' })
})
