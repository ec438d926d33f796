import type { Result } from '../../../domain/shared/result.ts'

/** A consumer that is told something apart from all others, as somebody wrote it. */
export type Addressee = {
  readonly consumer: string
  /** `1` or `2`; null: the newest, which readers of an older one understand too. */
  readonly schemaVersion: string | null
}

/** How to go through a long list. */
export type Walk = {
  /** Where an earlier part ended; null: from the beginning. */
  readonly after: string | null
  /** How many a second at most; null: 1 000. */
  readonly rate: string | null
  /** The first part of it, which is what goes on record. */
  readonly isFirst: boolean
}

/** One part of it is done: so many were sent, and the next part begins there; null after the last. */
export type Progress = { readonly sent: number; readonly next: string | null }

export type AddresseeRefusal =
  | { readonly kind: 'invalid-consumer' }
  | { readonly kind: 'invalid-schema-version' }
  /** No durable consumer of that name reads the stream, and no version was said. */
  | { readonly kind: 'unknown-consumer' }

export type WalkRefusal = { readonly kind: 'invalid-place' } | { readonly kind: 'invalid-rate' }

/** Which committed events, of the last 14 days; null leaves that side open. */
export type EventSpan = {
  readonly userId: string | null
  /** RFC 3339. Committed at this instant or later. */
  readonly from: string | null
  /** RFC 3339. Committed before this instant. */
  readonly to: string | null
}

export type SpanRefusal =
  | { readonly kind: 'invalid-user-id' }
  | { readonly kind: 'invalid-from' }
  | { readonly kind: 'invalid-to' }
  /** The end does not lie after the beginning. */
  | { readonly kind: 'empty-span' }

/**
 * Sends one consumer all users as they are now, one part of them at a call. Nobody else is told, and changes meanwhile go
 * their usual way: by the version the consumer knows which of two is newer, whichever comes first.
 * @throws Unavailable
 */
export type SendSnapshot = (
  request: Addressee & Walk,
) => Promise<Result<Progress, AddresseeRefusal | WalkRefusal>>

/** How many users a snapshot would send at this moment. */
export type CountSnapshot = (
  request: Addressee,
) => Promise<Result<{ readonly users: number }, AddresseeRefusal>>

/**
 * Sends one consumer committed events again, one part of them at a call, each user's in version order. Nobody else is told.
 * @throws Unavailable
 */
export type SendEvents = (
  request: Addressee & Walk & EventSpan,
) => Promise<Result<Progress, AddresseeRefusal | WalkRefusal | SpanRefusal>>

/** How many events that would be at this moment. */
export type CountEvents = (
  request: Addressee & EventSpan,
) => Promise<Result<{ readonly events: number }, AddresseeRefusal | SpanRefusal>>
