import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Fate } from '../../../support/fakes/events/relay-run.ts'
import { inversions, relayRun } from '../../../support/fakes/events/relay-run.ts'

const users = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 12 })
const fate = fc.constantFrom<Fate>(
  'stored',
  'stored',
  'retryable',
  'permanent',
  'ambiguous-stored',
  'ambiguous-lost',
)

describe('the relay', () => {
  test('whatever the broker does, every event is stored or parked, in order for each user', async () => {
    await fc.assert(
      fc.asyncProperty(users, fc.array(fate, { maxLength: 40 }), async (versions, fates) => {
        const { stored, overlaps, inState } = await relayRun(versions, fates)
        const all = versions.reduce((sum, count) => sum + count, 0)
        const delivered = new Set(stored.map(({ eventId }) => eventId))
        const parked = inState('parked').filter(({ eventId }) => !delivered.has(eventId))
        expect(delivered.size + parked.length).toBe(all)
        expect(inState('pending')).toEqual([])
        expect(inversions(stored)).toBe(0)
        expect(overlaps).toBe(0)
      }),
      { numRuns: 60 },
    )
  }, 30_000)

  test('a publish whose answer was lost is sent again, and stored once', async () => {
    const { stored, sent } = await relayRun([1], ['ambiguous-stored'])
    expect({ stored: stored.length, sent }).toEqual({ stored: 1, sent: 2 })
  })

  test('a message that can never be stored is parked and does not hold up later versions', async () => {
    const { stored, inState } = await relayRun([3], ['permanent'])
    expect(inState('parked').map(({ version }) => version)).toEqual([1])
    expect(stored.map(({ version }) => version)).toEqual([2, 3])
  })

  test('a user whose message keeps failing does not delay the others', async () => {
    const { stored } = await relayRun([1, 1, 1], ['retryable'])
    expect(stored.map(({ userId }) => userId.at(-1))).toEqual(['1', '2', '0'])
  })
})
