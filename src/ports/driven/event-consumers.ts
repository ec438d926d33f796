/** One who reads the stream of user events under a lasting name. */
export type ConsumerReport = {
  readonly name: string
  /** What it reads; several are separated by commas. */
  readonly subject: string
  /** Messages that it has not been given yet. */
  readonly pending: number
  /** Messages that it was given and has not acknowledged. */
  readonly ackPending: number
  readonly redelivered: number
  /** Null when it has acknowledged everything that it was given. */
  readonly oldestUnackedSeconds: number | null
}
