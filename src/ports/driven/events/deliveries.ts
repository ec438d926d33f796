import type { ShardLease } from '../../../domain/events/shard-lease.ts'
import type { Channel, UserEvent } from '../../../domain/events/user-event.ts'
import type { UserId } from '../../../domain/shared/ids.ts'
import type { Receipt } from './event-publisher.ts'

export type Delivery = {
  readonly channel: Channel
  readonly event: UserEvent
  /** Earlier attempts of this delivery. */
  readonly attempts: number
  /** Null for the first delivery of the event; each replay has another id. */
  readonly replayId: string | null
}

/**
 * An event that this instance has just committed, with those of its deliveries that may be sent at once: the pending ones,
 * and the one on standby while standby deliveries are sent. They are also in the outbox.
 */
export type CommittedEvent = {
  readonly event: UserEvent
  readonly pending: readonly PendingDelivery[]
  /** Monotonic milliseconds, read before the statement was sent. */
  readonly begunAt: number
}

export type PendingDelivery = {
  readonly channel: Channel
  /** True when nothing older of the user was owed on this channel when the statement ran. Parked deliveries do not count. */
  readonly isFirst: boolean
}

/** The proof of a delivery: a position in a stream, or none where the receiver keeps no stream. */
export type DeliveryReceipt =
  | Receipt
  | { readonly stream: null; readonly sequence: null; readonly duplicate: boolean }

export type Acknowledgement = {
  readonly delivery: Delivery
  readonly receipt: DeliveryReceipt
  /** By the clock of this instance. When that is wrong by more than half a minute, the clock of the store counts instead. */
  readonly at: Date
}

export type Backlog = {
  readonly pending: number
  readonly parked: number
  /** Replays do not count, because their events are old on purpose. */
  readonly oldestPendingAt: Date | null
}

export type DueQuery = {
  readonly channel: Channel
  readonly shards: readonly number[]
  /** Users whose deliveries are already under way. */
  readonly except: readonly UserId[]
  readonly limit: number
  readonly now: Date
}

/** The outbox, as the relay sees it. */
export type Deliveries = {
  /**
   * Pending deliveries of the given shards in commit order, at most `limit`. A user whose oldest pending delivery is not
   * due by `now` is left out, so that no later version overtakes an earlier one. One that would wait longer than a minute is
   * due: whoever said so had a clock that was ahead.
   */
  due(query: DueQuery): Promise<Delivery[]>
  /**
   * Removes the deliveries from the outbox and keeps each receipt. An acknowledgement that is already known has no effect.
   * Where a channel sends the newest version only, the user's earlier versions are settled with it, as superseded.
   */
  acknowledge(batch: readonly Acknowledgement[]): Promise<void>
  /** False, with nothing changed, when the shard no longer belongs to the owner that the lease names. */
  retryAt(delivery: Delivery, lease: ShardLease, at: Date, error: string): Promise<boolean>
  /**
   * Parks a delivery that can never succeed as it is. The user's later versions go on. False as for `retryAt`.
   */
  park(delivery: Delivery, lease: ShardLease, error: string): Promise<boolean>
  backlog(channel: Channel): Promise<Backlog>
}
