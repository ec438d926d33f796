import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { givenUserId } from '../../../support/builders/events/given-events.ts'
import type { Fate } from '../../../support/fakes/events/relay-run.ts'
import { inversions, relayRun } from '../../../support/fakes/events/relay-run.ts'

const relayedTo = (versions: readonly number[], fates: readonly Fate[] = []) =>
  relayRun(versions, fates, (send) => send, 'http:backend')
const versionsOf = (events: readonly { readonly version: number }[]) =>
  events.map(({ version }) => version)

const fate = fc.constantFrom<Fate>(
  'stored',
  'stored',
  'retryable',
  'ambiguous-stored',
  'ambiguous-lost',
)

describe('a receiver of present states that is behind', () => {
  test('is sent the newest version of a user, and the others count as superseded', async () => {
    const { stored, sent, inState } = await relayedTo([5])
    expect([versionsOf(stored), sent]).toEqual([[5], 1])
    expect(versionsOf(inState('superseded'))).toEqual([1, 2, 3, 4])
  })

  test('is sent the newest version again after a failure, and never an older one in between', async () => {
    const { stored, sent, inState } = await relayedTo([3], ['retryable', 'ambiguous-lost'])
    expect([versionsOf(stored), sent]).toEqual([[3], 3])
    expect(inState('pending')).toEqual([])
  })

  test('is sent the version before when it refuses the newest for good', async () => {
    const { stored, inState } = await relayedTo([3], ['permanent'])
    expect(versionsOf(stored)).toEqual([2])
    expect(versionsOf(inState('parked'))).toEqual([3])
    expect(versionsOf(inState('superseded'))).toEqual([1])
  })

  test('ends with the newest state, whatever happens on the way, and never goes back to an older one', async () => {
    const users = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(users, fc.array(fate, { maxLength: 30 }), async (versions, fates) => {
        const { stored, overlaps, inState } = await relayedTo(versions, fates)
        expect(inState('pending')).toEqual([])
        expect(inversions(stored)).toBe(0)
        expect(overlaps).toBe(0)
        const states = new Map(stored.map(({ userId, version }) => [userId, version]))
        expect(states).toEqual(new Map(versions.map((newest, user) => [givenUserId(user), newest])))
      }),
      { numRuns: 60 },
    )
  }, 30_000)
})
