import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Change, Failure } from '../../../support/fakes/events/relay-fleet.ts'
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

const delays = fc.oneof(
  fc.array(fc.integer({ min: 1, max: 2900 }), { minLength: 1, maxLength: 50 }),
  fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 50 }),
)
const fates = fc.array(
  fc.constantFrom<Fate>('stored', 'stored', 'retryable', 'ambiguous-stored', 'ambiguous-lost'),
  { maxLength: 20 },
)
/** Answers mostly come soon, and some much later than another instance could have delivered. */
const changes: fc.Arbitrary<Change[]> = fc.array(
  fc.record({
    instance,
    user: fc.integer({ min: 0, max: 5 }),
    atSeconds,
    answerMilliseconds: fc.oneof(
      { weight: 3, arbitrary: fc.integer({ min: 1, max: 60 }) },
      { weight: 1, arbitrary: fc.integer({ min: 60, max: 20_000 }) },
    ),
  }),
  { maxLength: 60 },
)
/** Changes of one user that follow each other closely. */
const bursts: fc.Arbitrary<Change[]> = fc
  .array(
    fc.tuple(
      fc.integer({ min: 0, max: 5 }),
      atSeconds,
      fc.array(
        fc.record({
          instance,
          after: fc.integer({ min: 0, max: 40 }),
          answerMilliseconds: fc.integer({ min: 1, max: 120 }),
        }),
        { maxLength: 12 },
      ),
    ),
    { maxLength: 8 },
  )
  .map((all) =>
    all.flatMap(([user, start, steps]) => {
      let at = start
      return steps.map(({ instance: by, after, answerMilliseconds }) => {
        at += after / 1000
        return { instance: by, user, atSeconds: at, answerMilliseconds }
      })
    }),
  )
const lateness = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 10 }) },
  { weight: 1, arbitrary: fc.integer({ min: 10, max: 10_000 }) },
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
        changes,
        bursts,
        async (failures, transits, firstFates, single, close) => {
          const run = await relayFleet({
            instances: INSTANCES,
            users: USERS,
            versions: VERSIONS,
            changes: [...single, ...close],
            failures,
            transit: (sent) => transits[sent % transits.length] ?? 1,
            fate: (sent) => firstFates[sent] ?? 'stored',
          })
          expect(run.pending).toEqual([])
          expect(run.stored.length).toBe(run.committed)
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
        changes,
        bursts,
        async (starts, failures, transits, single, close) => {
          const run = await relayFleet({
            instances: INSTANCES,
            users: 20,
            versions: 4,
            changes: [...single, ...close],
            failures,
            transit: (sent) => transits[sent % transits.length] ?? 1,
            startsAtSeconds: (number) => starts[number] ?? 0,
            remembersSeconds: 0,
          })
          expect(run.pending).toEqual([])
          expect(run.sent).toBe(run.committed)
          expect(run.stored.length).toBe(run.committed)
          expect(inversions(run.stored)).toBe(0)
          expectOwnership(run)
        },
      ),
      { numRuns: 40 },
    )
  }, 60_000)

  test('send nothing twice, however late the answers of the database come', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(fc.constant(0), fc.integer({ min: 0, max: 12 })),
        fc.array(
          fc.record({
            instance: fc.integer({ min: 0, max: 1 }),
            user: fc.integer({ min: 0, max: 3 }),
            atSeconds: fc.integer({ min: 0, max: 1500 }).map((hundredths) => hundredths / 100),
            answerMilliseconds: lateness,
          }),
          { minLength: 30, maxLength: 60 },
        ),
        fc.array(
          lateness.map((milliseconds) => Math.min(milliseconds, 400)),
          {
            minLength: 5,
            maxLength: 30,
          },
        ),
        async (starts, own, delays) => {
          const run = await relayFleet({
            instances: 2,
            users: 4,
            versions: 1,
            changes: own,
            failures: [],
            transit: (sent) => 1 + (sent % 3),
            database: (asked) => delays[asked % delays.length] ?? 1,
            startsAtSeconds: (number) => starts[number] ?? 0,
            remembersSeconds: 0,
            seconds: 20,
          })
          expect(run.pending).toEqual([])
          expect(run.sent).toBe(run.committed)
          expect(inversions(run.stored)).toBe(0)
          expectOwnership(run)
        },
      ),
      { numRuns: 60 },
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
