import { LONGEST_WAIT_SECONDS } from '../../../../src/domain/events/back-off.ts'
import type { DeliveryState } from '../../../../src/domain/events/ledger-entry.ts'
import type { ShardLease } from '../../../../src/domain/events/shard-lease.ts'
import type { Channel, UserEvent } from '../../../../src/domain/events/user-event.ts'
import { sendsNewestOnly, shardOf } from '../../../../src/domain/events/user-event.ts'
import type { UserId } from '../../../../src/domain/shared/ids.ts'
import { secondsAfter } from '../../../../src/domain/shared/instants.ts'
import type {
  Acknowledgement,
  Deliveries,
  Delivery,
} from '../../../../src/ports/driven/events/deliveries.ts'

type Row = {
  delivery: Delivery
  /** Null: at once. */
  dueAt: Date | null
  state: 'pending' | 'parked' | 'acknowledged' | 'superseded'
  ackedAt: Date | null
  streamSequence: number | null
  lastError: string | null
}

const ERROR_LENGTH = 500

/**
 * An outbox in a list, for tests that need thousands of them.
 * @param epochOf the epoch of the shard's present lease; a failure under an earlier lease is not recorded.
 */
export const listedDeliveries = (epochOf: (shard: number) => number = () => 1) => {
  // In the order of their commits.
  const rows: Row[] = []
  const isOwed = ({ state }: Row) => state === 'pending' || state === 'parked'
  const rowOf = ({ channel, event }: Delivery) =>
    rows.find(
      ({ delivery }) => delivery.channel === channel && delivery.event.eventId === event.eventId,
    )

  const settle = (row: Row, state: Row['state'], { receipt, at }: Acknowledgement): void => {
    row.state = state
    row.ackedAt = at
    row.streamSequence = receipt.sequence
    row.lastError = null
  }

  const acknowledge = (acknowledgement: Acknowledgement): void => {
    const { delivery } = acknowledgement
    const sent = rowOf(delivery)
    if (sent !== undefined && isOwed(sent)) {
      sent.delivery = { ...sent.delivery, attempts: sent.delivery.attempts + 1 }
      settle(sent, 'acknowledged', acknowledgement)
    }
    if (!sendsNewestOnly(delivery.channel)) return
    const { userId, version } = delivery.event
    for (const row of rows) {
      const { channel, event } = row.delivery
      if (channel !== delivery.channel || event.userId !== userId) continue
      if (event.version < version && isOwed(row)) settle(row, 'superseded', acknowledgement)
    }
  }

  /** False when the delivery is settled or parked, or when the shard has another owner by now. */
  const fail = (delivery: Delivery, lease: ShardLease, change: Partial<Row>): boolean => {
    const row = rowOf(delivery)
    if (row?.state !== 'pending' || epochOf(lease.shard) !== lease.epoch) return false
    row.delivery = { ...row.delivery, attempts: row.delivery.attempts + 1 }
    Object.assign(row, change)
    return true
  }

  const deliveries: Deliveries = {
    async due({ channel, shards, except, limit, now }) {
      const pending = rows.filter(
        ({ state, delivery }) => state === 'pending' && delivery.channel === channel,
      )
      const firstWaiting = new Map<UserId, number>()
      for (const { dueAt, delivery } of pending) {
        const { userId, version } = delivery.event
        if (dueAt !== null && dueAt > now && dueAt <= secondsAfter(now, LONGEST_WAIT_SECONDS))
          firstWaiting.set(userId, Math.min(version, firstWaiting.get(userId) ?? version))
      }
      return pending
        .map(({ delivery }) => delivery)
        .filter(
          ({ event: { userId, version } }) =>
            version < (firstWaiting.get(userId) ?? Number.POSITIVE_INFINITY) &&
            !except.includes(userId) &&
            shards.includes(shardOf(userId)),
        )
        .slice(0, limit)
    },
    async acknowledge(batch) {
      for (const acknowledgement of batch) acknowledge(acknowledgement)
    },
    retryAt: async (delivery, lease, at, error) =>
      fail(delivery, lease, { dueAt: at, lastError: error.slice(0, ERROR_LENGTH) }),
    park: async (delivery, lease, error) =>
      fail(delivery, lease, { state: 'parked', lastError: error.slice(0, ERROR_LENGTH) }),
    async backlog(channel) {
      const ofChannel = rows.filter(({ delivery }) => delivery.channel === channel)
      const pending = ofChannel.filter(({ state }) => state === 'pending')
      return {
        pending: pending.length,
        parked: ofChannel.filter(({ state }) => state === 'parked').length,
        oldestPendingAt: pending[0]?.delivery.event.occurredAt ?? null,
      }
    },
  }

  return {
    deliveries,
    add: (channel: Channel, event: UserEvent) => {
      rows.push({
        delivery: { channel, event, attempts: 0, replayId: null },
        dueAt: null,
        state: 'pending',
        ackedAt: null,
        streamSequence: null,
        lastError: null,
      })
    },
    inState: (state: Row['state']) =>
      rows.filter((row) => row.state === state).map(({ delivery }) => delivery.event),
    /** What has become of an event on each of its channels, as the ledger shows it. */
    statesOf: (eventId: string): readonly DeliveryState[] =>
      rows
        .filter(({ delivery }) => delivery.event.eventId === eventId)
        .map(({ delivery: { channel, attempts }, state, ackedAt, streamSequence, lastError }) => ({
          channel,
          state,
          attempts,
          ackedAt,
          streamSequence,
          lastError,
        })),
  }
}
