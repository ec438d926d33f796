import type { StreamReport } from '../../../domain/events/stream-report.ts'
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

/** The message broker that events are published to. */
export type Broker = {
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
  /** Lists the durable consumers; null where there can be none. */
  readonly consumers: EventConsumers | null
  readonly tasks: readonly ScheduledTask[]
  /** Waits for what is in flight, then ends the connection. */
  close(): Promise<void>
}
