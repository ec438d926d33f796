import type { PublishFailureKind } from '../../../domain/events/publish-failure.ts'
import type { UserEvent, UserEventSubject } from '../../../domain/events/user-event.ts'
import type { EventId } from '../../../domain/shared/ids.ts'

/** A message as a broker carries it. */
export type EventMessage = {
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** Turns a change into the message of its contract. The same input gives the same bytes in every release. */
export type UserEventCodec = {
  /** Each `replayId` makes another message of the same event; null makes the first one. */
  encode(event: UserEvent, subject: UserEventSubject, replayId: string | null): EventMessage
}

export type Receipt = {
  readonly stream: string
  readonly sequence: number
  /** The broker had already stored a message with this id. */
  readonly duplicate: boolean
}

export type DroppedReason = 'overflow' | 'closed' | PublishFailureKind

/** Publishes messages to a broker, whichever product that is. */
export type EventPublisher = {
  /**
   * Resolves once the broker has stored the message.
   * @throws PublishFailure. An abort after sending is `ambiguous`.
   */
  publish(
    topic: string,
    message: EventMessage,
    options?: { readonly signal?: AbortSignal },
  ): Promise<Receipt>
  /**
   * Sends without waiting for the broker. It never throws and never blocks. At most 1 000 messages may be in flight; what
   * cannot be sent is reported to the observer that the publisher was made with.
   *
   * No code of this service calls it: user events are only ever sent with `publish`. It is a required part of the
   * publisher's contract, and the contract suite tests it on every adapter.
   */
  publishAsync(topic: string, message: EventMessage): void
  /** Waits for what is in flight, up to the deadline that the publisher was made with. It may be called again. */
  close(): Promise<void>
}

/** Called for each message of `publishAsync` that was not delivered. */
export type DroppedObserver = (topic: string, reason: DroppedReason) => void

/** A service that receives each change directly over HTTP, one request for each change. */
export type EventReceiver = {
  /** False while no request is sent to it because too many have failed lately. */
  isReady(): boolean
  /**
   * Resolves once the receiver has this change, or answered that it has a newer one (`alreadyNewer`).
   * @throws PublishFailure
   */
  send(eventId: EventId, message: EventMessage): Promise<{ readonly alreadyNewer: boolean }>
}
