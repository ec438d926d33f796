import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Failure } from '../../../support/fakes/events/relay-fleet.ts'
import { relayFleet } from '../../../support/fakes/events/relay-fleet.ts'
import { inversions } from '../../../support/fakes/events/relay-run.ts'

const INSTANCES = 3
const atSeconds = fc.double({ min: 0, max: 30, noNaN: true })
const instance = fc.integer({ min: 0, max: INSTANCES - 1 })
const failure: fc.Arbitrary<Failure> = fc.oneof(
  fc.record({
    kind: fc.constant('frozen' as const),
    instance,
    atSeconds,
    seconds: fc.double({ min: 1, max: 30, noNaN: true }),
  }),
  fc.record({ kind: fc.constant('stopped' as const), instance: fc.constant(1), atSeconds }),
  fc.record({ kind: fc.constant('killed' as const), instance: fc.constant(2), atSeconds }),
)

describe('several relays on one outbox', () => {
  test('lose no event and keep the order of each user, whichever instance is killed, frozen or stopped', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(failure, { maxLength: 5 }),
        fc.array(fc.integer({ min: 1, max: 2900 }), { minLength: 1, maxLength: 50 }),
        async (failures, delays) => {
          const { stored, pending } = await relayFleet({
            instances: INSTANCES,
            users: 6,
            versions: 12,
            failures,
            transit: (sent) => delays[sent % delays.length] ?? 1,
          })
          expect(pending).toEqual([])
          expect(stored.length).toBe(6 * 12)
          expect(inversions(stored)).toBe(0)
        },
      ),
      { numRuns: 40 },
    )
  }, 60_000)

  test('the shards of a killed instance are delivered by another within 12 seconds', async () => {
    const { stored, finishedAtSeconds } = await relayFleet({
      instances: 2,
      users: 20,
      versions: 2,
      transit: () => 100,
      failures: [{ kind: 'killed', instance: 0, atSeconds: 0.05 }],
    })
    expect(stored.length).toBe(40)
    expect(finishedAtSeconds).toBeGreaterThan(5)
    expect(finishedAtSeconds).toBeLessThan(12)
  }, 20_000)

  test('a graceful stop hands its shards over without waiting for leases to lapse', async () => {
    const { stored, finishedAtSeconds } = await relayFleet({
      instances: 2,
      users: 20,
      versions: 4,
      transit: () => 500,
      failures: [{ kind: 'stopped', instance: 0, atSeconds: 0.2 }],
    })
    expect(stored.length).toBe(80)
    expect(finishedAtSeconds).toBeLessThan(6)
  }, 20_000)
})
