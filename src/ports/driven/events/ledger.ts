import type { Channel, UserEvent } from '../../../domain/events/user-event.ts'
import type { UserId } from '../../../domain/shared/ids.ts'

export type DeliveryState = {
  readonly channel: Channel
  /** `superseded`: never sent, since a newer version was. */
  readonly state: 'pending' | 'standby' | 'parked' | 'acknowledged' | 'superseded' | 'discarded'
  readonly attempts: number
  readonly ackedAt: Date | null
  readonly streamSequence: number | null
  readonly lastError: string | null
}

export type LedgerEntry = {
  readonly event: UserEvent
  readonly deliveries: readonly DeliveryState[]
}

export type LedgerQuery = {
  /** Opaque; from an earlier answer. */
  readonly after: string | null
  readonly userId: UserId | null
  readonly limit: number
}

/** Every committed change, oldest first, for 14 days. */
export type Ledger = {
  /**
   * An unreadable cursor is refused with null. A tail that follows `next` misses no late commit: it is the place
   * behind the last entry, `after` again when nothing was new, and null only before the first entry of all.
   */
  read(query: LedgerQuery): Promise<{ entries: LedgerEntry[]; next: string | null } | null>
  /** A cursor with the last `count` changes behind it, of one user or of all; null when there are no more than those. */
  beforeLast(count: number, userId: UserId | null): Promise<string | null>
}
