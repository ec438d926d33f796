import type { Channel, UserEvent } from '../../domain/user-event.ts'
import type { Receipt } from './event-publisher.ts'

export type Delivery = {
  readonly channel: Channel
  readonly event: UserEvent
  /** Earlier tries of this delivery. */
  readonly attempts: number
}

export type Acknowledgement = {
  readonly delivery: Delivery
  readonly receipt: Receipt
  readonly at: Date
}

export type Backlog = {
  readonly pending: number
  readonly parked: number
  readonly oldestPendingAt: Date | null
}

/** What the outbox still owes, as the relay sees it. */
export type Deliveries = {
  /**
   * Pending deliveries in commit order, at most `limit`. A user whose oldest pending delivery is not due by `now`
   * does not appear at all, so that nobody's later version overtakes the earlier one.
   */
  due(channel: Channel, limit: number, now: Date): Promise<Delivery[]>
  /** Removes what is done and keeps each receipt. Known acknowledgements are accepted again without effect. */
  acknowledge(batch: readonly Acknowledgement[]): Promise<void>
  retryAt(delivery: Delivery, at: Date, error: string): Promise<void>
  /** Sets aside what can never be delivered as it is; the user's later full states go on. */
  park(delivery: Delivery, error: string): Promise<void>
  backlog(channel: Channel): Promise<Backlog>
}
