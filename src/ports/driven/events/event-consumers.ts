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
  /** Age of the oldest message that it has not acknowledged, given or not; null when there is none. */
  readonly oldestUnackedSeconds: number | null
}

/** As the broker tells it, which knows places in the stream and no ages. */
export type ConsumerPosition = Omit<ConsumerReport, 'oldestUnackedSeconds'> & {
  /** Up to this place of the stream it has acknowledged everything that it reads. */
  readonly acknowledgedUpTo: number
}

/** Who reads the stream of user events. */
export type EventConsumers = {
  /** @throws Unavailable */
  list(): Promise<readonly ConsumerPosition[]>
}

/** What was last found, kept where every instance and the command line can read it. */
export type ConsumerReports = {
  note(positions: readonly ConsumerPosition[]): Promise<void>
  /** Null when nobody has ever looked. */
  latest(): Promise<readonly ConsumerReport[] | null>
}
