import { expect, test } from 'bun:test'
import type { Deliveries } from '../../../src/ports/driven/events/deliveries.ts'
import { singleOwner } from '../../support/fakes/events/listed-leases.ts'
import { relayFleet } from '../../support/fakes/events/relay-fleet.ts'
import { inversions } from '../../support/fakes/events/relay-run.ts'

const CLAIM = 4

/** Every instance takes the rows that no other has locked: FOR UPDATE SKIP LOCKED. */
const skipLocked = (deliveries: Deliveries): Deliveries => {
  const locked = new Set<string>()
  return {
    ...deliveries,
    due: async (query) => {
      const due = await deliveries.due(query)
      const claimed = due.filter(({ event }) => !locked.has(event.eventId)).slice(0, CLAIM)
      for (const { event } of claimed) locked.add(event.eventId)
      return claimed
    },
  }
}

test('a relay that skips locked rows and owns no shards inverts the versions of users', async () => {
  const { stored } = await relayFleet({
    instances: 3,
    users: 2,
    versions: 30,
    failures: [],
    transit: (sent) => (sent * 37) % 400,
    twin: ({ deliveries }) => ({ leases: singleOwner, deliveries: skipLocked(deliveries) }),
  })
  expect(stored.length).toBe(60)
  expect(inversions(stored)).toBeGreaterThan(5)
})

test('a relay that is given every shard sends without a lease, and for one user beside another instance', async () => {
  const { sentWithoutLease, sentByTwo } = await relayFleet({
    instances: 3,
    users: 6,
    versions: 12,
    failures: [],
    transit: () => 100,
    twin: ({ deliveries }) => ({ leases: singleOwner, deliveries }),
  })
  expect(sentWithoutLease).toBeGreaterThan(5)
  expect(sentByTwo).toBeGreaterThan(5)
})
