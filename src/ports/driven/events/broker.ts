import type { ConsumerName } from '../../../domain/events/consumer-name.ts'
import type { StreamReport } from '../../../domain/events/stream-report.ts'
import type { UserEventSubject } from '../../../domain/events/user-event.ts'
import type { HealthProbe } from '../operations/health-probe.ts'
import type { ScheduledTask } from '../operations/scheduled-task.ts'
import type { DeadLetters } from './dead-letters.ts'
import type { EventConsumers } from './event-consumers.ts'
import type { EventPublisher } from './event-publisher.ts'
import type { EventStreams, StoredEvents } from './event-streams.ts'

/** The streams for an owner's command: `look` only reads them, `apply` also creates and changes them. */
export type StreamProvision = {
  readonly look: EventStreams['verify']
  readonly apply: EventStreams['verify']
}

/** A durable consumer as it is now. */
export type ProvidedConsumer = {
  readonly stream: string
  /** The subject that it reads. */
  readonly subject: string
  /**
   * `kept`: it read this subject before, and keeps its limits and its position. `replaced`: it read another subject, and
   * was created anew from where the old one began. A consumer that had delivered nothing yet is replaced, too, when it would
   * deliver the whole stream and was asked to deliver only what is new.
   */
  readonly outcome: 'created' | 'kept' | 'replaced'
}

/** Where a new durable consumer begins: with all that the stream keeps, or with what is published from then on. */
export type DeliverFrom = 'all' | 'new'

/**
 * Creates the durable consumers of one consumer: one that reads `subject`, and one for messages to this consumer alone, which
 * are all delivered. It is safe to repeat.
 * @throws Unavailable without a connection, without the streams, or when the stream does not have the subject
 */
export type ProvideConsumer = (
  consumer: ConsumerName,
  subject: UserEventSubject,
  deliver: DeliverFrom,
) => Promise<readonly ProvidedConsumer[]>

/** The message broker that events are published to. */
export type Broker = {
  /**
   * Begins to connect, and from then on keeps a connection. Until then nothing is created or changed at the broker, so that a
   * service which cannot use its database leaves no trace. Further calls do nothing.
   */
  connect(): void
  /** Publishes to the subjects that all consumers read. */
  readonly publisher: EventPublisher
  /** Publishes to the subjects that one consumer alone reads. */
  readonly directPublisher: EventPublisher
  readonly deadLetters: DeadLetters
  readonly eventConsumers: Pick<EventConsumers, 'exists'>
  readonly storedEvents: Pick<StoredEvents, 'messages'>
  /** Whether there is a connection now. */
  isReachable(): boolean
  /** Whether user events may be published now. */
  isReady(): boolean
  readonly probe: HealthProbe
  /** The streams as they were last read; none in the process. */
  reports(): readonly StreamReport[]
  /** Null where there are no streams. */
  readonly provision: StreamProvision | null
  /** Null where there are no durable consumers. */
  readonly provideConsumer: ProvideConsumer | null
  /** Lists the durable consumers; null where there can be none. */
  readonly consumers: EventConsumers | null
  readonly tasks: readonly ScheduledTask[]
  /** Waits for what is in flight, then ends the connection. */
  close(): Promise<void>
}
