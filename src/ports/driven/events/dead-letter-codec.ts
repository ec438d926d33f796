import type { EventMessage } from './event-publisher.ts'

/** What a dead letter tells of its end; null where its writer did not say it. */
export type DeadLetterEnd = {
  readonly reason: string | null
  readonly detail: string | null
  /** How often it was tried. */
  readonly attempts: number | null
  /** Where it was read from. */
  readonly subject: string | null
  readonly streamSequence: number | null
  readonly at: Date | null
}

/** The event in it, as far as its headers say. */
export type DeadLetterEvent = {
  readonly eventId: string | null
  readonly userId: string | null
  readonly version: number | null
}

/** Reads what consumers hand in. Nothing that they may write is a fault. */
export type DeadLetterCodec = {
  describe(message: EventMessage): DeadLetterEnd & DeadLetterEvent
  /** The message that the consumer was given, under a message id of its own for each `redriveId`. */
  original(message: EventMessage, redriveId: string): EventMessage
}
