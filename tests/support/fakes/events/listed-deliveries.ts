import type { Channel, UserEvent } from '../../../../src/domain/events/user-event.ts'
import { sendsNewestOnly, shardOf } from '../../../../src/domain/events/user-event.ts'
import type { Deliveries, Delivery } from '../../../../src/ports/driven/events/deliveries.ts'

type Row = {
  delivery: Delivery
  dueAt: Date
  state: 'pending' | 'parked' | 'acknowledged' | 'superseded'
}

/** An outbox in a list, for tests that need thousands of them. */
export const listedDeliveries = (channel: Channel) => {
  const rows: Row[] = []
  const rowOf = ({ event }: Delivery): Row => {
    const row = rows.find(({ delivery }) => delivery.event.eventId === event.eventId)
    if (row === undefined) throw new Error(`no delivery of ${event.eventId}`)
    return row
  }
  const pending = () => rows.filter(({ state }) => state === 'pending')

  const supersede = ({ userId, version }: UserEvent): void => {
    for (const row of pending()) {
      const { event } = row.delivery
      if (event.userId === userId && event.version < version) row.state = 'superseded'
    }
  }

  const deliveries: Deliveries = {
    async due({ shards, except, limit, now }) {
      const waiting = new Set(
        pending()
          .filter(({ dueAt }) => dueAt > now)
          .map(({ delivery }) => delivery.event.userId),
      )
      return pending()
        .filter(
          ({ delivery: { event } }) =>
            !waiting.has(event.userId) &&
            !except.includes(event.userId) &&
            shards.includes(shardOf(event.userId)),
        )
        .slice(0, limit)
        .map(({ delivery }) => delivery)
    },
    async acknowledge(batch) {
      for (const { delivery } of batch) {
        rowOf(delivery).state = 'acknowledged'
        if (sendsNewestOnly(channel)) supersede(delivery.event)
      }
    },
    async retryAt(delivery, _lease, at) {
      const row = rowOf(delivery)
      row.dueAt = at
      row.delivery = { ...row.delivery, attempts: row.delivery.attempts + 1 }
      return true
    },
    async park(delivery) {
      rowOf(delivery).state = 'parked'
      return true
    },
    async backlog() {
      return { pending: pending().length, parked: 0, oldestPendingAt: null }
    },
  }

  return {
    deliveries,
    add: (event: UserEvent) =>
      rows.push({
        delivery: { channel, event, attempts: 0, replayId: null },
        dueAt: new Date(0),
        state: 'pending',
      }),
    inState: (state: Row['state']) =>
      rows.filter((row) => row.state === state).map(({ delivery }) => delivery.event),
  }
}
