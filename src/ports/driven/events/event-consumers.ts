import type { ConsumerName } from '../../../domain/events/consumer-name.ts'
import type { ConsumerReport } from '../../../domain/events/consumer-report.ts'

/** A consumer as the broker describes it. The broker knows positions in the stream, and no ages. */
export type ConsumerPosition = Omit<ConsumerReport, 'oldestUnackedSeconds'> & {
  /** The consumer has acknowledged everything that it reads up to this sequence. */
  readonly acknowledgedUpTo: number
}

/** The durable consumers of the stream of user events. */
export type EventConsumers = {
  /** @throws Unavailable */
  list(): Promise<readonly ConsumerPosition[]>
  /** @throws Unavailable */
  exists(consumer: ConsumerName): Promise<boolean>
}

/** The consumers as one instance last saw them, stored where every instance and the command line can read them. */
export type ConsumerReports = {
  note(positions: readonly ConsumerPosition[]): Promise<void>
  /** Null when no instance has ever looked. */
  latest(): Promise<readonly ConsumerReport[] | null>
}
