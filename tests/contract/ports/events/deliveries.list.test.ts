import { publishedState } from '../../../../src/domain/accounts/user.ts'
import type { LedgerEntry } from '../../../../src/domain/events/ledger-entry.ts'
import type { Channel, UserEvent } from '../../../../src/domain/events/user-event.ts'
import { ok } from '../../../../src/domain/shared/result.ts'
import { FIRST, SECOND } from '../../../support/builders/database/given-stores.ts'
import { listedDeliveries } from '../../../support/fakes/events/listed-deliveries.ts'
import { listedLeases } from '../../../support/fakes/events/listed-leases.ts'
import type { DeliveriesUnderTest } from './deliveries.contract.ts'
import { deliveriesContract } from './deliveries.contract.ts'

deliveriesContract('a list', async () => {
  const leases = listedLeases(() => new Date())
  const outbox = listedDeliveries(leases.epochOf)
  const events: UserEvent[] = []

  const announce = (channels: readonly Channel[], event: Omit<UserEvent, 'traceparent'>): void => {
    const announced = { ...event, traceparent: null }
    events.push(announced)
    for (const channel of channels) outbox.add(channel, announced)
  }

  const storesOf = (channels: readonly Channel[]): DeliveriesUnderTest['stores'] => ({
    users: {
      insert: async (id, state, _forms, { eventId }) => {
        const now = new Date()
        announce(channels, {
          eventId,
          userId: id,
          version: 1,
          action: 'created',
          state,
          changed: [],
          occurredAt: now,
        })
        return ok({ ...state, id, version: 1, createdAt: now, updatedAt: now })
      },
      update: async (before, after, changed, _forms, { eventId }) => {
        const user = { ...before, ...after, version: before.version + 1, updatedAt: new Date() }
        announce(channels, {
          eventId,
          userId: user.id,
          version: user.version,
          action: 'updated',
          state: publishedState(user),
          changed,
          occurredAt: user.updatedAt,
        })
        return ok(user)
      },
      remove: async (user, { eventId }) => {
        announce(channels, {
          eventId,
          userId: user.id,
          version: user.version + 1,
          action: 'deleted',
          state: publishedState(user),
          changed: [],
          occurredAt: new Date(),
        })
        return ok(null)
      },
    },
  })

  return {
    deliveries: outbox.deliveries,
    leases,
    ledger: {
      read: async ({ userId, limit }) => {
        const entries: LedgerEntry[] = events
          .filter((event) => event.userId === userId)
          .slice(0, limit)
          .map((event) => ({ event, deliveries: outbox.statesOf(event.eventId) }))
        return { entries, next: null }
      },
    },
    stores: storesOf([FIRST, SECOND]),
    callingStores: storesOf([FIRST, SECOND, 'http:backend']),
  }
})
