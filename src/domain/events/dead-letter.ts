/** Why and where a consumer parked a message. A field is null when the consumer did not write it. */
export type DeadLetterFailure = {
  readonly reason: string | null
  readonly detail: string | null
  /** How often the message was delivered. */
  readonly attempts: number | null
  /** The subject that the consumer read the message from. */
  readonly subject: string | null
  /** The position of the original message in its stream. */
  readonly streamSequence: number | null
  readonly at: Date | null
}

/** The id of a dead letter: its position in the stream of dead letters. */
export const DEAD_LETTER_ID_PATTERN = '^[1-9][0-9]{0,14}$'

/** The event that a dead letter carries. A field is null when its header is missing or unreadable. */
export type DeadLetterEvent = {
  readonly eventId: string | null
  readonly userId: string | null
  readonly version: number | null
}
