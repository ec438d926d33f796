import type { Result } from '../../../domain/shared/result.ts'
import type { LedgerEntry } from '../../driven/events/ledger.ts'
import type { UserContext } from '../sessions/user-context.ts'
import type { EventSpan, SpanRefusal } from './direct-events.ts'

export type LedgerPage = { readonly entries: readonly LedgerEntry[]; readonly next: string | null }

/** Reads committed changes, oldest first, with what became of each delivery. */
export type ReadLedger = (query: {
  readonly after: string | null
  readonly userId: string | null
  readonly limit: number
}) => Promise<
  Result<LedgerPage, { readonly kind: 'invalid-cursor' } | { readonly kind: 'invalid-user-id' }>
>

/** Which events to deliver again, and where. */
export type ReplayRequest = EventSpan & { readonly channel: string }

export type ReplayRefusal = SpanRefusal | { readonly kind: 'unknown-channel' }

/**
 * Has committed events delivered again, in version order for each user and before what waits; answers how many. What
 * waits already is left as it is, what was parked is tried anew. By the owner when there is no caller.
 */
export type ReplayEvents = (
  request: ReplayRequest,
  caller: UserContext | null,
) => Promise<Result<{ readonly replayed: number }, ReplayRefusal>>

/** How many events a replay would take up at this moment. */
export type CountReplay = (
  request: ReplayRequest,
) => Promise<Result<{ readonly replayable: number }, ReplayRefusal>>

/** Which parked deliveries to give up; null is any, but not all three at once. */
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
  /** It has to be 1 to 500 visible characters. */
  | { readonly kind: 'no-reason' }

/** The owner gives parked deliveries up for good; the ledger keeps the events and shows what was discarded. */
export type DiscardEvents = (
  request: DiscardRequest,
) => Promise<Result<{ readonly discarded: number }, DiscardRefusal>>
