/** A durable consumer of the stream of user events. */
export type ConsumerReport = {
  readonly name: string
  /** The subjects that it reads, separated by commas. */
  readonly subject: string
  /** Messages that the broker has not delivered to it yet. */
  readonly pending: number
  /** Messages that were delivered to it and that it has not acknowledged. */
  readonly ackPending: number
  readonly redelivered: number
  /** Age of the oldest message that it has not acknowledged, delivered or not; null when there is none. */
  readonly oldestUnackedSeconds: number | null
}
