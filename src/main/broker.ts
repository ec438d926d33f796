import type { EventPublisher } from '../ports/driven/event-publisher.ts'
import type { EventStreams, StreamReport } from '../ports/driven/event-streams.ts'
import type { HealthProbe } from '../ports/driven/health-probes.ts'
import type { ScheduledTask } from './scheduler.ts'

/** The streams looked at without touching them, and with making and mending what may be. */
export type StreamProvision = {
  readonly look: EventStreams['verify']
  readonly apply: EventStreams['verify']
}

/** Whatever carries the events away. */
export type Broker = {
  readonly publisher: EventPublisher
  /** Whether user events may be published now. */
  isReady(): boolean
  readonly probe: HealthProbe
  /** The streams as last looked at; none in the process. */
  reports(): readonly StreamReport[]
  /** The streams for an owner's command; null where there are none. */
  readonly provision: StreamProvision | null
  readonly tasks: readonly ScheduledTask[]
  /** Settles what is in flight, then ends the connection. */
  close(): Promise<void>
}
