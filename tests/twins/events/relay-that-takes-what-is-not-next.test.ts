import { expect, test } from 'bun:test'
import type { CommittedEvent } from '../../../src/ports/driven/events/deliveries.ts'
import type { Change } from '../../support/fakes/events/relay-fleet.ts'
import { relayFleet } from '../../support/fakes/events/relay-fleet.ts'
import type { Fate } from '../../support/fakes/events/relay-run.ts'
import { inversions } from '../../support/fakes/events/relay-run.ts'

const USERS = 20

const changesOfAll = (change: Omit<Change, 'user'>): readonly Change[] =>
  Array.from({ length: USERS }, (_, user) => ({ ...change, user }))

/** The first message of each user fails, and the next version is committed before it is tried again. */
const afterAFailure = (twinOfCommits?: (committed: CommittedEvent) => CommittedEvent) =>
  relayFleet({
    instances: 1,
    users: USERS,
    versions: 1,
    changes: changesOfAll({ instance: 0, atSeconds: 0.27, answerMilliseconds: 1 }),
    failures: [],
    transit: () => 1,
    fate: (sent): Fate => (sent <= USERS ? 'retryable' : 'stored'),
    seconds: 30,
    ...(twinOfCommits && { twinOfCommits }),
  })

test('a relay that takes a version although an older one is owed sends it first', async () => {
  const right = await afterAFailure()
  expect([right.stored.length, inversions(right.stored)]).toEqual([2 * USERS, 0])
  const twin = await afterAFailure((committed) => ({
    ...committed,
    pending: committed.pending.map(({ channel }) => ({ channel, isFirst: true })),
  }))
  expect(inversions(twin.stored)).toBeGreaterThan(5)
})

/** The second instance takes over its shards after the first has delivered what the second had committed. */
const afterATakeover = (twinOfCommits?: (committed: CommittedEvent) => CommittedEvent) =>
  relayFleet({
    instances: 2,
    users: USERS,
    versions: 0,
    changes: changesOfAll({ instance: 1, atSeconds: 1, answerMilliseconds: 12_000 }),
    failures: [],
    transit: () => 1,
    startsAtSeconds: (instance) => 2 * instance,
    remembersSeconds: 0,
    seconds: 30,
    ...(twinOfCommits && { twinOfCommits }),
  })

test('a relay that takes a version whose statement began before its lease sends it again', async () => {
  const right = await afterATakeover()
  expect([right.committed, right.sent]).toEqual([USERS, USERS])
  const twin = await afterATakeover((committed) => ({
    ...committed,
    begunAt: Number.POSITIVE_INFINITY,
  }))
  expect(twin.sent).toBeGreaterThan(USERS + 3)
})
