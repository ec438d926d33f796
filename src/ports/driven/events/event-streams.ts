import type { StreamPosition, StreamReport } from '../../../domain/events/stream-report.ts'
import type { EventMessage } from './event-publisher.ts'

/** Compares the broker's streams with what they must be. */
export type EventStreams = {
  /**
   * Reads every stream, compares it and, where that is allowed, creates or corrects it. A stream that cannot be read keeps
   * its last report.
   */
  verify(): Promise<readonly StreamReport[]>
  /** The reports of the last `verify`. The stream of all user events is the first. */
  reports(): readonly StreamReport[]
  /** Whether the stream of all user events was found as required. */
  isReady(): boolean
}

/** A stored message without its body. */
export type StoredMessage = {
  readonly sequence: number
  readonly topic: string
  /** The `Nats-Msg-Id` that it was published with; null where there was none. */
  readonly messageId: string | null
}

/** Reads what the stream of all user events holds. Its consumers do not notice. */
export type StoredEvents = {
  /**
   * Null when there is no such stream.
   * @throws Unavailable
   */
  position(): Promise<StreamPosition | null>
  /**
   * The stored messages from the sequence `first` to the sequence `last`, both included, in order. Messages that are no
   * longer stored are left out.
   * @throws Unavailable
   */
  read(first: number, last: number): AsyncIterable<StoredMessage>
  /**
   * Every message that the stream holds at this moment, with its body, oldest first.
   * @throws Unavailable
   */
  messages(): AsyncIterable<EventMessage>
}
