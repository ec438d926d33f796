import type { ConsumerName } from '../../../domain/events/consumer-name.ts'
import type { DeadLetterEvent, DeadLetterFailure } from '../../../domain/events/dead-letter.ts'
import type { EventMessage } from './event-publisher.ts'

/** A message that a consumer parked, as the consumer published it. */
export type DeadLetter = {
  /** Its position among all dead letters. No other dead letter ever gets the same one. */
  readonly sequence: number
  readonly consumer: ConsumerName
  /** The original body, the original headers, and the headers that say why the message was parked. */
  readonly message: EventMessage
  readonly storedAt: Date
}

export type DeadLettersQuery = {
  /** Null: of every consumer. */
  readonly consumer: ConsumerName | null
  /** Only dead letters after this sequence; 0 for all. */
  readonly after: number
  readonly limit: number
}

/** The dead letters of all consumers. Each is kept until it is redriven or reaches the age limit of its stream. */
export type DeadLetters = {
  /**
   * Up to `limit` dead letters, oldest first.
   * @throws Unavailable
   */
  list(query: DeadLettersQuery): Promise<DeadLetter[]>
  /**
   * The sequence of the youngest dead letter there ever was; 0 before the first.
   * @throws Unavailable
   */
  last(): Promise<number>
  /**
   * Null when there is no dead letter with this sequence, or no longer.
   * @throws Unavailable
   */
  find(sequence: number): Promise<DeadLetter | null>
  /**
   * Removes a dead letter for good. Removing one that is already gone is no fault.
   * @throws Unavailable
   */
  remove(sequence: number): Promise<void>
}

/** Reads dead letters. Nothing that a consumer may have written makes it throw. */
export type DeadLetterCodec = {
  describe(message: EventMessage): DeadLetterFailure & DeadLetterEvent
  /** The message that the consumer received, with another message id for each `redriveId`. */
  original(message: EventMessage, redriveId: string): EventMessage
}
