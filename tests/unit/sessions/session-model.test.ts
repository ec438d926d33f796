import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Session } from '../../../src/domain/sessions/session.ts'
import {
  ROTATION_GRACE_SECONDS,
  rotated,
  tokenStatus,
} from '../../../src/domain/sessions/session.ts'
import {
  afterStart,
  givenSession,
  LIFETIMES,
} from '../../support/builders/sessions/given-sessions.ts'

const TABS = 4

/** One tab refreshes with the token that it holds, after so many seconds; its reply may be lost. */
const step = fc.record({
  tab: fc.nat({ max: TABS - 1 }),
  wait: fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 40 })),
  lost: fc.boolean(),
})

describe('the model of a session with honest tabs', () => {
  test('never reports reuse for a token within its grace period, and always after it [SE4]', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let seconds = 0
        let session = givenSession()
        const rotatedAt = new Map<number, number>()
        let tabs: readonly number[] = Array.from({ length: TABS }, () => 1)
        for (const { tab, wait, lost } of steps) {
          seconds += wait
          const held = tabs[tab] ?? 1
          const verdict = tokenStatus(session, held, afterStart(seconds))
          expect<string>(verdict).toBe(expected(session, held, rotatedAt.get(held), seconds))
          if (verdict === 'reused') return
          if (verdict === 'current') {
            rotatedAt.set(session.generation, seconds)
            session = rotated(session, LIFETIMES, afterStart(seconds))
          }
          if (!lost) tabs = tabs.with(tab, session.generation)
        }
      }),
      { numRuns: 500 },
    )
  })

  test('raises the generation by one with each rotation, and never moves the absolute end [SE5]', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 100_000 }), { maxLength: 60 }), (waits) => {
        let seconds = 0
        let session = givenSession()
        for (const wait of waits) {
          seconds += wait
          const next = rotated(session, LIFETIMES, afterStart(seconds))
          expect(next.generation).toBe(session.generation + 1)
          expect(next.absoluteExpiresAt).toEqual(givenSession().absoluteExpiresAt)
          expect(next.idleExpiresAt <= next.absoluteExpiresAt).toBe(true)
          session = next
        }
      }),
    )
  })
})

const expected = (
  session: Session,
  held: number,
  rotatedAt: number | undefined,
  seconds: number,
): string => {
  if (held === session.generation) return 'current'
  const age = seconds - (rotatedAt ?? Number.NEGATIVE_INFINITY)
  return age <= ROTATION_GRACE_SECONDS ? 'in-grace' : 'reused'
}
