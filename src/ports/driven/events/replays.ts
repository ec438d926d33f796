import type { Channel, UserEvent } from '../../../domain/events/user-event.ts'
import type { EventId, UserId } from '../../../domain/shared/ids.ts'
import type { Delivery } from './deliveries.ts'

/** Committed events of one user, or of all users when `userId` is null. */
export type EventSelection = {
  readonly userId: UserId | null
  /** Committed at this instant or later. */
  readonly from: Date
  /** Committed before this instant; null for no end. */
  readonly until: Date | null
}

/** Events to replay on one channel. Where a channel sends the newest version only, just each user's newest event counts. */
export type ReplaySelection = EventSelection & { readonly channel: Channel }

/** A place among the selected events. */
export type ReplayPlace = { readonly userId: UserId; readonly version: number }

export type ReplayBatch = {
  /** Deliveries that this batch made pending. */
  readonly replayed: number
  /** Where the next batch begins; null after the last. */
  readonly next: ReplayPlace | null
}

/** Parked deliveries. A member that is null selects all of them. */
export type ParkedSelection = {
  readonly channel: Channel | null
  readonly userId: UserId | null
  readonly eventId: EventId | null
}

/** A delivery that was parked because it can never succeed as it is. */
export type ParkedDelivery = Pick<Delivery, 'channel' | 'event' | 'attempts'> & {
  readonly lastError: string | null
  readonly place: ParkedPlace
}

/** A place among the parked deliveries. */
export type ParkedPlace = { readonly position: number; readonly channel: Channel }

/** Delivers events once more, or discards parked deliveries, because an administrator or the owner asked for it. */
export type Replays = {
  /** How many deliveries a replay of the whole selection would make pending at this moment. */
  count(selection: ReplaySelection): Promise<number>
  /**
   * Makes up to `limit` of the selected events pending again on their channel, with message ids of this replay. A delivery
   * that is already pending stays as it is. A parked one becomes pending with no attempts and keeps its message id. The
   * versions of a user come in order, and before younger ones that wait.
   */
  replay(
    selection: ReplaySelection,
    replayId: string,
    after: ReplayPlace | null,
    limit: number,
  ): Promise<ReplayBatch>
  /** Up to `limit` of the selected events themselves, user by user, the versions of each user in order. */
  events(selection: EventSelection, after: ReplayPlace | null, limit: number): Promise<UserEvent[]>
  /** How many events are selected. */
  countEvents(selection: EventSelection): Promise<number>
  /** Up to `limit` parked deliveries after that place, in commit order. */
  parked(after: ParkedPlace | null, limit: number): Promise<ParkedDelivery[]>
  countParked(selection: ParkedSelection): Promise<number>
  /** Discards up to `limit` parked deliveries for good and answers how many. The ledger shows them as discarded. */
  discard(selection: ParkedSelection, limit: number, now: Date): Promise<number>
}
