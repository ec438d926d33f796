import type { PublishFailureKind } from '../../../domain/events/publish-failure.ts'

/** A message as a broker carries it. */
export type EventMessage = {
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

export type Receipt = {
  readonly stream: string
  readonly sequence: number
  /** The broker had stored a message with this id before. */
  readonly duplicate: boolean
}

export type DroppedReason = 'overflow' | 'closed' | PublishFailureKind

/** A broker behind which any product can stand. */
export type EventPublisher = {
  /**
   * Resolves once the broker has stored the message.
   * @throws PublishFailure — an abort after sending is `ambiguous`.
   */
  publish(
    topic: string,
    message: EventMessage,
    options?: { readonly signal?: AbortSignal },
  ): Promise<Receipt>
  /**
   * Sends without waiting; never throws, never blocks. At most 1 000 may be in flight: what cannot be sent is
   * reported to the observer that the publisher was made with. User events never take this way.
   */
  publishAsync(topic: string, message: EventMessage): void
  /** Settles what is in flight, within the deadline that the publisher was made with. Can be called again. */
  close(): Promise<void>
}

/** Told about each message of `publishAsync` that was not delivered. */
export type DroppedObserver = (topic: string, reason: DroppedReason) => void
