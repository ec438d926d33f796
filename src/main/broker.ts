import type { EventPublisher } from '../ports/driven/event-publisher.ts'
import type { StreamReport } from '../ports/driven/event-streams.ts'
import type { HealthProbe } from '../ports/driven/health-probes.ts'
import type { ScheduledTask } from './scheduler.ts'

/** Whatever carries the events away. */
export type Broker = {
  readonly publisher: EventPublisher
  /** Whether user events may be published now. */
  isReady(): boolean
  readonly probe: HealthProbe
  /** The streams as last looked at; none in the process. */
  reports(): readonly StreamReport[]
  readonly tasks: readonly ScheduledTask[]
  /** Settles what is in flight, then ends the connection. */
  close(): Promise<void>
}
