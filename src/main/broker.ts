import type { StreamReport } from '../domain/events/stream-report.ts'
import type { DeadLetters } from '../ports/driven/events/dead-letters.ts'
import type { EventConsumers } from '../ports/driven/events/event-consumers.ts'
import type { EventPublisher } from '../ports/driven/events/event-publisher.ts'
import type { EventStreams, StoredEvents } from '../ports/driven/events/event-streams.ts'
import type { HealthProbe } from '../ports/driven/operations/health-probe.ts'
import type { ScheduledTask } from './scheduler.ts'

/** The streams looked at without touching them, and with making and mending what may be. */
export type StreamProvision = {
  readonly look: EventStreams['verify']
  readonly apply: EventStreams['verify']
}

/** What concerns consumers, beside the events that all of them get. */
export type ForConsumers = {
  /** To the subjects that one consumer alone reads. */
  readonly direct: EventPublisher
  readonly deadLetters: DeadLetters
  readonly eventConsumers: Pick<EventConsumers, 'exists'>
  readonly storedEvents: Pick<StoredEvents, 'messages'>
}

/** Whatever carries the events away. */
export type Broker = {
  readonly publisher: EventPublisher
  readonly forConsumers: ForConsumers
  /** Whether it can be asked anything now. */
  isReachable(): boolean
  /** Whether user events may be published now. */
  isReady(): boolean
  readonly probe: HealthProbe
  /** The streams as last looked at; none in the process. */
  reports(): readonly StreamReport[]
  /** The streams for an owner's command; null where there are none. */
  readonly provision: StreamProvision | null
  /** Who reads the stream; null where there is none. */
  readonly consumers: EventConsumers | null
  readonly tasks: readonly ScheduledTask[]
  /** Settles what is in flight, then ends the connection. */
  close(): Promise<void>
}
