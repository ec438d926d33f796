import type { Channel, UserEvent } from '../../../domain/events/user-event.ts'
import type { EventId, UserId } from '../../../domain/shared/ids.ts'
import type { Delivery } from './deliveries.ts'

/** Committed events of one user, or of all with null. */
export type EventSelection = {
  readonly userId: UserId | null
  /** Committed at this instant or later. */
  readonly from: Date
  /** Committed before this instant; null for no end. */
  readonly until: Date | null
}

/** The same for a channel. Where only the newest is told, those that are their user's newest. */
export type ReplaySelection = EventSelection & { readonly channel: Channel }

/** A place among the selected events. */
export type ReplayPlace = { readonly userId: UserId; readonly version: number }

export type ReplayBatch = {
  /** Deliveries that are pending now and were not before. */
  readonly replayed: number
  /** Where the next batch begins; null after the last. */
  readonly next: ReplayPlace | null
}

/** Parked deliveries; null is any. */
export type ParkedSelection = {
  readonly channel: Channel | null
  readonly userId: UserId | null
  readonly eventId: EventId | null
}

/** A delivery that was set aside because it can never succeed as it is. */
export type ParkedDelivery = Pick<Delivery, 'channel' | 'event' | 'attempts'> & {
  readonly lastError: string | null
  readonly place: ParkedPlace
}

/** A place among the parked deliveries. */
export type ParkedPlace = { readonly position: number; readonly channel: Channel }

/** Makes events owed once more, or never again, by the word of a person. */
export type Replays = {
  /** How many deliveries a replay of the whole selection would make pending at this moment. */
  count(selection: ReplaySelection): Promise<number>
  /**
   * Owes up to `limit` of the selected events to their channel again, under a message id of their own. What is owed
   * already stays as it is; what is parked is owed again with no tries, under the id that it had. The versions of a
   * user come in order, before younger ones that wait.
   */
  replay(
    selection: ReplaySelection,
    replayId: string,
    after: ReplayPlace | null,
    limit: number,
  ): Promise<ReplayBatch>
  /** Up to `limit` of the selected events themselves, user after user, the versions of each in order. */
  events(selection: EventSelection, after: ReplayPlace | null, limit: number): Promise<UserEvent[]>
  /** How many events are selected. */
  countEvents(selection: EventSelection): Promise<number>
  /** Up to `limit` parked deliveries behind that place, in commit order. */
  parked(after: ParkedPlace | null, limit: number): Promise<ParkedDelivery[]>
  /** How many parked deliveries there are. */
  countParked(selection: ParkedSelection): Promise<number>
  /** Gives up to `limit` parked deliveries up for good; the ledger shows them as discarded. Answers how many. */
  discard(selection: ParkedSelection, limit: number, now: Date): Promise<number>
}
