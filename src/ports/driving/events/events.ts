import type { LedgerEntry } from '../../../domain/events/ledger-entry.ts'
import type { RebaseCounts, StillServing } from '../../../domain/events/rebase.ts'
import type { Result } from '../../../domain/shared/result.ts'
import type { UserContext } from '../sessions/sessions.ts'
import type { EventSpan, SpanRefusal } from './direct-events.ts'

export type LedgerPage = { readonly entries: readonly LedgerEntry[]; readonly next: string | null }

/** Reads committed changes, oldest first, with the state of each delivery. */
export type ReadLedger = (query: {
  readonly after: string | null
  readonly userId: string | null
  readonly limit: number
}) => Promise<
  Result<LedgerPage, { readonly kind: 'invalid-cursor' } | { readonly kind: 'invalid-user-id' }>
>

/** Which events to deliver again, and on which channel. */
export type ReplayRequest = EventSpan & { readonly channel: string }

export type ReplayRefusal = SpanRefusal | { readonly kind: 'unknown-channel' }

/**
 * Delivers committed events again, in version order for each user and before what waits, and answers how many. Deliveries
 * that are already pending stay as they are; parked ones are tried again. `caller` is null when the owner does it.
 */
export type ReplayEvents = (
  request: ReplayRequest,
  caller: UserContext | null,
) => Promise<Result<{ readonly replayed: number }, ReplayRefusal>>

/** How many deliveries a replay would make pending at this moment. */
export type CountReplay = (
  request: ReplayRequest,
) => Promise<Result<{ readonly replayable: number }, ReplayRefusal>>

/** Which parked deliveries to discard. A null selects all, but at least one of the three has to be given. */
export type DiscardRequest = {
  readonly channel: string | null
  readonly userId: string | null
  readonly eventId: string | null
  readonly reason: string
}

export type DiscardRefusal =
  | { readonly kind: 'nothing-selected' }
  | { readonly kind: 'unknown-channel' }
  | { readonly kind: 'invalid-user-id' }
  | { readonly kind: 'invalid-event-id' }
  /** The reason must have 1 to 500 visible characters. */
  | { readonly kind: 'no-reason' }

/** The owner discards parked deliveries for good. The ledger keeps the events and shows the deliveries as discarded. */
export type DiscardEvents = (
  request: DiscardRequest,
) => Promise<Result<{ readonly discarded: number }, DiscardRefusal>>

/**
 * For a database that was restored and lacks changes that consumers have seen. It raises every version above all that
 * consumers may know and announces every user again; users whom only consumers know are announced as deleted. It is
 * refused while an instance holds a shard lease. It may be repeated: what an earlier run has done is counted and left as
 * it is. `by` is what was added to each version.
 * @throws Unavailable
 */
export type RebaseEvents = () => Promise<
  Result<RebaseCounts & { readonly by: number }, StillServing>
>
