import type { Channel } from '../../../domain/events/user-event.ts'
import type { Result } from '../../../domain/shared/result.ts'
import type { DeadLetterEnd, DeadLetterEvent } from '../../driven/events/dead-letter-codec.ts'
import type { UserContext } from '../sessions/user-context.ts'

/** What was given up: by a consumer, which handed it in, or by this service, which set its delivery aside. */
export type GivenUp = DeadLetterEvent &
  Omit<DeadLetterEnd, 'at'> & {
    /** When; of a delivery that is parked, when its change was committed. */
    readonly at: Date
  } & (
    | { readonly kind: 'dead-letter'; readonly id: string; readonly consumer: string }
    | { readonly kind: 'parked'; readonly channel: Channel }
  )

export type DeadLettersPage = { readonly items: readonly GivenUp[]; readonly next: string | null }

export type ListRefusal =
  | { readonly kind: 'invalid-consumer' }
  | { readonly kind: 'invalid-cursor' }

/**
 * Lists what was given up: first the deliveries that are parked, unless one consumer is asked for, then dead letters in
 * the order in which they were handed in.
 * @throws Unavailable
 */
export type ListDeadLetters = (query: {
  readonly consumer: string | null
  readonly cursor: string | null
  readonly limit: number
}) => Promise<Result<DeadLettersPage, ListRefusal>>

export type RedriveRequest = {
  readonly consumer: string
  /** Null: all that are there at this moment. */
  readonly ids: readonly string[] | null
  /** So many, the oldest first; null: however many there are. */
  readonly atMost: number | null
}

export type RedriveRefusal =
  | { readonly kind: 'invalid-consumer' }
  /** With the place in the list of the one that is no id. */
  | { readonly kind: 'invalid-id'; readonly index: number }

/**
 * Gives a consumer its dead letters once more, on the subject that it alone reads, and answers how many. Each is removed
 * once it is stored there; a crash between may double it, never lose it. Ids that are no longer there, or are
 * another consumer's, are passed over. By the owner when there is no caller.
 * @throws Unavailable
 */
export type RedriveDeadLetters = (
  request: RedriveRequest,
  caller: UserContext | null,
) => Promise<Result<{ readonly redriven: number }, RedriveRefusal>>
