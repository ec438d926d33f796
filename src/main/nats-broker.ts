import { makeDeadLetters } from '../adapters/nats/consumers/dead-letters.ts'
import { makeEventConsumers } from '../adapters/nats/consumers/event-consumers.ts'
import { makeJetStreamPublisher } from '../adapters/nats/publishing/jetstream-publisher.ts'
import { makeEventStreams } from '../adapters/nats/streams/event-streams.ts'
import { makeStoredEvents } from '../adapters/nats/streams/stored-events.ts'
import { userEventStreams } from '../adapters/nats/streams/user-event-streams.ts'
import { makeAuditStream } from '../application/events/audit-stream.ts'
import type { DeliveryAudit } from '../ports/driven/events/delivery-audit.ts'
import type { Clock, Pause } from '../ports/driven/shared/clock.ts'
import type { Log } from '../ports/driven/shared/log.ts'
import type { Broker } from './broker.ts'
import type { NatsConfig } from './config/nats-config.ts'
import type { Config } from './config.ts'
import { openNatsConnection } from './open-nats-connection.ts'

type Needs = {
  readonly audit: DeliveryAudit
  /** There is something to deliver, or a way to do it again. */
  readonly wake: () => void
  readonly sendSeconds: number
  readonly log: Log
  readonly clock: Clock
  readonly pause: Pause
  readonly chance: () => number
}

const MINUTE = 60
/** How soon to look again while nothing can be published: a cluster that has just started takes a while to find itself. */
const SOON = 5
const CLOSE_WITHIN_MS = 3000

/**
 * NATS JetStream. The service starts and serves without it; events wait in the database until there is a connection
 * and the streams are as they must be.
 */
export const openNatsBroker = (config: Config, nats: NatsConfig, needs: Needs): Broker => {
  const { audit, wake, sendSeconds, log, clock, pause } = needs
  const connection = openNatsConnection(nats, 'auth-service', needs)
  const [events, direct, dead] = userEventStreams(config.subjects, nats.replicas)
  const verifying = (provision: NatsConfig['provision']) =>
    makeEventStreams({ nats: connection, streams: [events, direct, dead], provision, log })
  const streams = verifying(nats.provision)
  const publishingTo = (stream: string) =>
    makeJetStreamPublisher({
      ...{ nats: connection, stream, timeoutMs: sendSeconds * 1000 },
      ...{ closeWithinMs: CLOSE_WITHIN_MS, onDropped: () => {}, pause },
    })
  const publisher = publishingTo(events.name)
  const directPublisher = publishingTo(direct.name)
  const eventConsumers = makeEventConsumers({ nats: connection, stream: events.name })
  const storedEvents = makeStoredEvents({ nats: connection, stream: events.name })
  const auditStream = makeAuditStream({
    ...{ audit, stored: storedEvents },
    ...{ stream: events.name, maxAgeSeconds: events.maxAgeSeconds, wake, log, clock },
  })

  /** When the stream was made that was audited last. */
  let auditedSince: number | null = null
  const madeAt = () => streams.reports()[0]?.status?.createdAt.getTime() ?? null

  const isReady = () => connection.isConnected() && streams.isReady() && madeAt() === auditedSince
  const look = async (): Promise<void> => {
    if (!connection.isConnected()) return
    await streams.verify()
    if (!connection.isConnected() || !streams.isReady()) return
    const looksAt = madeAt()
    try {
      // Before anything is published on a stream that was made anew: what it lacks comes first.
      await auditStream()
    } finally {
      auditedSince = looksAt
      wake()
    }
  }
  connection.onConnected(() => {
    look().catch((fault: unknown) => log('error', 'relay.fault', { during: 'look at NATS' }, fault))
  })

  return {
    publisher,
    forConsumers: {
      direct: directPublisher,
      deadLetters: makeDeadLetters({ nats: connection, stream: dead.name }),
      eventConsumers,
      storedEvents,
    },
    isReachable: connection.isConnected,
    isReady,
    probe: { name: 'nats', embedded: false, isAvailable: async () => isReady() },
    reports: streams.reports,
    provision: { look: verifying('verify').verify, apply: verifying('apply').verify },
    consumers: eventConsumers,
    tasks: [
      { name: 'streams', everySeconds: MINUTE, run: look },
      {
        name: 'streams-until-ready',
        everySeconds: SOON,
        run: async () => {
          if (!isReady()) await look()
        },
      },
    ],
    close: async () => {
      await Promise.all([publisher.close(), directPublisher.close()])
      await connection.close()
    },
  }
}
