import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Failure } from '../../../support/fakes/events/relay-fleet.ts'
import { relayFleet } from '../../../support/fakes/events/relay-fleet.ts'
import type { Fate } from '../../../support/fakes/events/relay-run.ts'
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

const delays = fc.array(fc.integer({ min: 1, max: 2900 }), { minLength: 1, maxLength: 50 })
const fates = fc.array(
  fc.constantFrom<Fate>('stored', 'stored', 'retryable', 'ambiguous-stored', 'ambiguous-lost'),
  { maxLength: 20 },
)
const USERS = 6
const VERSIONS = 12

/** No message was sent by an instance that did not hold the user's shard, nor for one user by two instances at a time. */
const expectOwnership = (counts: Awaited<ReturnType<typeof relayFleet>>): void => {
  const { sentWithoutLease, sentByTwo } = counts
  expect({ sentWithoutLease, sentByTwo }).toEqual({ sentWithoutLease: 0, sentByTwo: 0 })
}

describe('several relays on one outbox', () => {
  test('lose no event and keep the order of each user, whichever instance is killed, frozen or stopped', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(failure, { maxLength: 5 }),
        delays,
        fates,
        async (failures, transits, firstFates) => {
          const run = await relayFleet({
            instances: INSTANCES,
            users: USERS,
            versions: VERSIONS,
            failures,
            transit: (sent) => transits[sent % transits.length] ?? 1,
            fate: (sent) => firstFates[sent] ?? 'stored',
          })
          expect(run.pending).toEqual([])
          expect(run.stored.length).toBe(USERS * VERSIONS)
          expect(inversions(run.stored)).toBe(0)
          expectOwnership(run)
        },
      ),
      { numRuns: 40 },
    )
  }, 60_000)

  test('send nothing twice when instances start and stop in order, even to a broker that recognises nothing', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.double({ min: 0, max: 15, noNaN: true }), { minLength: 3, maxLength: 3 }),
        fc.array(fc.record({ kind: fc.constant('stopped' as const), instance, atSeconds }), {
          maxLength: 1,
        }),
        delays,
        async (starts, failures, transits) => {
          const run = await relayFleet({
            instances: INSTANCES,
            users: 20,
            versions: VERSIONS,
            failures,
            transit: (sent) => transits[sent % transits.length] ?? 1,
            startsAtSeconds: (number) => starts[number] ?? 0,
            remembersSeconds: 0,
          })
          expect(run.pending).toEqual([])
          expect(run.sent).toBe(20 * VERSIONS)
          expect(run.stored.length).toBe(20 * VERSIONS)
          expect(inversions(run.stored)).toBe(0)
          expectOwnership(run)
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
