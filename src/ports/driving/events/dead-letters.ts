import type { DeadLetterEvent, DeadLetterFailure } from '../../../domain/events/dead-letter.ts'
import type { Channel } from '../../../domain/events/user-event.ts'
import type { Result } from '../../../domain/shared/result.ts'
import type { UserContext } from '../sessions/sessions.ts'

/** A parked message: a dead letter that a consumer handed in, or a delivery that this service parked. */
export type ParkedItem = DeadLetterEvent &
  Omit<DeadLetterFailure, 'at'> & {
    /** When the consumer parked it. For a parked delivery: when its change was committed. */
    readonly at: Date
  } & (
    | { readonly kind: 'dead-letter'; readonly id: string; readonly consumer: string }
    | { readonly kind: 'parked'; readonly channel: Channel }
  )

export type DeadLettersPage = {
  readonly items: readonly ParkedItem[]
  readonly next: string | null
}

export type ListRefusal =
  | { readonly kind: 'invalid-consumer' }
  | { readonly kind: 'invalid-cursor' }

/**
 * Lists what is parked. Parked deliveries come first, unless the list is of one consumer; then come dead letters, oldest
 * first.
 * @throws Unavailable
 */
export type ListDeadLetters = (query: {
  readonly consumer: string | null
  readonly cursor: string | null
  readonly limit: number
}) => Promise<Result<DeadLettersPage, ListRefusal>>

export type RedriveRequest = {
  readonly consumer: string
  /** Null: all that exist at this moment, except those that the consumer could not read. */
  readonly ids: readonly string[] | null
  /** The most to redrive, oldest first; null for no limit. */
  readonly atMost: number | null
}

export type SelectionRefusal =
  | { readonly kind: 'invalid-consumer' }
  /** There is no durable consumer of that name, and no dead letter of one. */
  | { readonly kind: 'unknown-consumer' }
  /** `index` is the position in the list of the entry that is no id. */
  | { readonly kind: 'invalid-id'; readonly index: number }

/**
 * Publishes a consumer's dead letters again, on the subject that only this consumer reads, and answers how many. Each dead
 * letter is removed after its message is stored there: a crash in between may deliver it twice, and never loses it. Ids
 * that no longer exist or belong to another consumer are skipped. Without ids, malformed ones stay where they are, because
 * the consumer could not read them a second time either; `malformed` counts those that were passed. `caller` is null when the
 * owner does it.
 * @throws Unavailable
 */
export type RedriveDeadLetters = (
  request: RedriveRequest,
  caller: UserContext | null,
) => Promise<Result<{ readonly redriven: number; readonly malformed: number }, SelectionRefusal>>

export type DismissRequest = {
  readonly consumer: string
  readonly ids: readonly string[]
  /** Why; it is audited. */
  readonly reason: string
}

export type DismissRefusal =
  | SelectionRefusal
  | { readonly kind: 'nothing-selected' }
  | { readonly kind: 'no-reason' }

/**
 * Removes dead letters of a consumer for good, and answers how many. The audit entry is written first, with the reason. The
 * ledger keeps the events. Ids that no longer exist or belong to another consumer are skipped. `caller` is null when the owner
 * does it.
 * @throws Unavailable
 */
export type DismissDeadLetters = (
  request: DismissRequest,
  caller: UserContext | null,
) => Promise<Result<{ readonly dismissed: number }, DismissRefusal>>
