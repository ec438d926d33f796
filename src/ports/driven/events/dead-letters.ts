import type { ConsumerName } from '../../../domain/events/consumer-name.ts'
import type { EventMessage } from './event-publisher.ts'

/** A message that a consumer gave up on, as it handed it in. */
export type DeadLetter = {
  /** Its place among all dead letters; nothing else ever has it. */
  readonly sequence: number
  readonly consumer: ConsumerName
  /** The original body; the original headers and those that tell of its end. */
  readonly message: EventMessage
  readonly storedAt: Date
}

export type DeadLettersQuery = {
  /** Null: of every consumer. */
  readonly consumer: ConsumerName | null
  /** Only those behind this place; 0 for the beginning. */
  readonly after: number
  readonly limit: number
}

/** What consumers gave up on, until it is redriven or too old. */
export type DeadLetters = {
  /**
   * Up to `limit`, in the order in which they were handed in.
   * @throws Unavailable
   */
  list(query: DeadLettersQuery): Promise<DeadLetter[]>
  /**
   * The place of the youngest there ever was; 0 before the first.
   * @throws Unavailable
   */
  last(): Promise<number>
  /**
   * Null when it was never there, or no longer is.
   * @throws Unavailable
   */
  find(sequence: number): Promise<DeadLetter | null>
  /**
   * Removes it for good. One that is gone already is no fault.
   * @throws Unavailable
   */
  remove(sequence: number): Promise<void>
}
