import type { ShardLease } from '../../../domain/events/shard-lease.ts'
import type { Channel, UserEvent } from '../../../domain/events/user-event.ts'
import type { UserId } from '../../../domain/shared/ids.ts'
import type { Receipt } from './event-publisher.ts'

export type Delivery = {
  readonly channel: Channel
  readonly event: UserEvent
  /** Earlier tries of this delivery. */
  readonly attempts: number
  /** Null for the first delivery of the event; each replay has another. */
  readonly replayId: string | null
}

/** What a leg has to show for a delivery: a place in a stream, or none where the receiver keeps no stream. */
export type DeliveryReceipt =
  | Receipt
  | { readonly stream: null; readonly sequence: null; readonly duplicate: boolean }

export type Acknowledgement = {
  readonly delivery: Delivery
  readonly receipt: DeliveryReceipt
  readonly at: Date
}

export type Backlog = {
  readonly pending: number
  readonly parked: number
  /** Replays do not count: their events are old by intention. */
  readonly oldestPendingAt: Date | null
}

export type DueQuery = {
  readonly channel: Channel
  readonly shards: readonly number[]
  /** Users whose deliveries are under way already. */
  readonly except: readonly UserId[]
  readonly limit: number
  readonly now: Date
}

/** What the outbox still owes, as the relay sees it. */
export type Deliveries = {
  /**
   * Pending deliveries of the given shards in commit order, at most `limit`. A user whose oldest pending delivery is not due by `now`
   * does not appear at all, so that nobody's later version overtakes the earlier one.
   */
  due(query: DueQuery): Promise<Delivery[]>
  /**
   * Removes what is done and keeps each receipt. Known acknowledgements are accepted again without effect. Where only
   * the newest is told, whatever is owed of the user's earlier versions is settled with it, as superseded.
   */
  acknowledge(batch: readonly Acknowledgement[]): Promise<void>
  /** False, and nothing changed, when the shard has another owner by now than the lease says. */
  retryAt(delivery: Delivery, lease: ShardLease, at: Date, error: string): Promise<boolean>
  /** Sets aside what can never be delivered as it is; the user's later full states go on. False as for `retryAt`. */
  park(delivery: Delivery, lease: ShardLease, error: string): Promise<boolean>
  backlog(channel: Channel): Promise<Backlog>
}
