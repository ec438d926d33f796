import type { Result } from '../../../domain/shared/result.ts'

/** The one consumer that receives events which no other consumer receives, as the caller wrote it. */
export type Recipient = {
  readonly consumer: string
  /** `1` or `2`; null for the newest, which readers of an older version understand too. */
  readonly schemaVersion: string | null
}

/** Which part of a long list to send, and how fast. */
export type Paging = {
  /** `next` of the part before; null for the first part. */
  readonly after: string | null
  /** The most events per second; null for 1 000. */
  readonly rate: string | null
  /** Whether this is the first part. Only the first part is recorded in the audit trail. */
  readonly isFirst: boolean
}

/** One part is done. `sent` is the number of events in it, `next` the place where the next part begins; null after the last. */
export type Progress = { readonly sent: number; readonly next: string | null }

export type RecipientRefusal =
  | { readonly kind: 'invalid-consumer' }
  | { readonly kind: 'invalid-schema-version' }
  /** No durable consumer of that name reads the stream, and no schema version was given. */
  | { readonly kind: 'unknown-consumer' }

export type PagingRefusal = { readonly kind: 'invalid-place' } | { readonly kind: 'invalid-rate' }

/** Committed events of the last 14 days; a null leaves that side open. */
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
  /** The end is not after the beginning. */
  | { readonly kind: 'empty-span' }

/**
 * Sends one consumer all users as they are now, one part for each call. Changes in the meantime go their usual way; the
 * consumer tells by the version which of two events is newer, whichever arrives first.
 * @throws Unavailable
 */
export type SendSnapshot = (
  request: Recipient & Paging,
) => Promise<Result<Progress, RecipientRefusal | PagingRefusal>>

/** How many users a snapshot would send at this moment. */
export type CountSnapshot = (
  request: Recipient,
) => Promise<Result<{ readonly users: number }, RecipientRefusal>>

/**
 * Sends one consumer committed events again, one part for each call, each user's events in version order.
 * @throws Unavailable
 */
export type SendEvents = (
  request: Recipient & Paging & EventSpan,
) => Promise<Result<Progress, RecipientRefusal | PagingRefusal | SpanRefusal>>

/** How many events `SendEvents` would send at this moment. */
export type CountEvents = (
  request: Recipient & EventSpan,
) => Promise<Result<{ readonly events: number }, RecipientRefusal | SpanRefusal>>
