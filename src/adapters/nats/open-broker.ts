import type { Broker } from '../../ports/driven/events/broker.ts'
import type { StoredEvents } from '../../ports/driven/events/event-streams.ts'
import type { Pause } from '../../ports/driven/shared/clock.ts'
import type { Log } from '../../ports/driven/shared/log.ts'
import type { NatsOptions } from './connection/open-nats.ts'
import { openNats } from './connection/open-nats.ts'
import { makeDeadLetters } from './consumers/dead-letters.ts'
import { makeEventConsumers } from './consumers/event-consumers.ts'
import { makeProvideConsumer } from './consumers/provide-consumer.ts'
import { makeJetStreamPublisher } from './publishing/jetstream-publisher.ts'
import { makeEventStreams } from './streams/event-streams.ts'
import { makeStoredEvents } from './streams/stored-events.ts'
import { userEventStreams } from './streams/user-event-streams.ts'

export type NatsBrokerOptions = {
  readonly connection: NatsOptions
  /** The subjects of the stream of all user events. */
  readonly subjects: readonly string[]
  /** How many servers hold each stream. */
  readonly replicas: number
  /** Whether this service may create and change streams, or only read them. */
  readonly provision: 'apply' | 'verify'
  /** The longest that a publish may take. */
  readonly sendSeconds: number
}

/** The stream of all user events, for the audit of what it lacks. */
export type AuditedStream = {
  readonly stored: StoredEvents
  readonly stream: string
  /** How long the stream keeps a message. */
  readonly maxAgeSeconds: number
}

type Needs = {
  /** Makes the audit that finds events which the stream has lost. */
  readonly makeAudit: (stream: AuditedStream) => () => Promise<unknown>
  /** Called when there may be something to deliver, or a way to deliver again. */
  readonly wake: () => void
  readonly log: Log
  readonly pause: Pause
  /** A number in [0, 1), for jitter. */
  readonly chance: () => number
}

const VERIFY_EVERY_SECONDS = 60
/** While nothing can be published. A cluster that has just started takes a while to elect its leaders. */
const VERIFY_AGAIN_SECONDS = 5
const CLOSE_WITHIN_MS = 3000

/**
 * NATS JetStream. The service starts and serves without it; events wait in the database until there is a connection
 * and the streams are configured as required.
 */
export const openNatsBroker = (options: NatsBrokerOptions, needs: Needs): Broker => {
  const { makeAudit, wake, log, pause } = needs
  const nats = openNats(options.connection, needs)
  const [events, direct, dead] = userEventStreams(options.subjects, options.replicas)
  const verifying = (provision: NatsBrokerOptions['provision']) =>
    makeEventStreams({ nats, streams: [events, direct, dead], provision, log })
  const streams = verifying(options.provision)
  const publishingTo = (stream: string) =>
    makeJetStreamPublisher({
      nats,
      stream,
      timeoutMs: options.sendSeconds * 1000,
      closeWithinMs: CLOSE_WITHIN_MS,
      onDropped: () => {},
      pause,
    })
  const publisher = publishingTo(events.name)
  const directPublisher = publishingTo(direct.name)
  const eventConsumers = makeEventConsumers({ nats, stream: events.name })
  const storedEvents = makeStoredEvents({ nats, stream: events.name })
  const audit = makeAudit({
    stored: storedEvents,
    stream: events.name,
    maxAgeSeconds: events.maxAgeSeconds,
  })

  const createdAt = () => streams.reports()[0]?.status?.createdAt.getTime() ?? null
  /** When the stream was created that was audited last. Another value means another stream. */
  let audited: number | null = null

  const isReady = () => nats.isConnected() && streams.isReady() && createdAt() === audited
  const verify = async (): Promise<void> => {
    if (!nats.isConnected()) return
    await streams.verify()
    if (!nats.isConnected() || !streams.isReady()) return
    const found = createdAt()
    try {
      // Before anything is published on a stream that was created anew: what it lacks comes first.
      await audit()
    } finally {
      audited = found
      wake()
    }
  }
  nats.onConnected(() => {
    verify().catch((fault: unknown) =>
      log('error', 'relay.fault', { during: 'look at NATS' }, fault),
    )
  })

  return {
    connect: nats.connect,
    publisher,
    directPublisher,
    deadLetters: makeDeadLetters({ nats, stream: dead.name }),
    eventConsumers,
    storedEvents,
    isReachable: nats.isConnected,
    isReady,
    probe: { name: 'nats', embedded: false, isAvailable: async () => isReady() },
    reports: streams.reports,
    provision: { look: verifying('verify').verify, apply: verifying('apply').verify },
    provideConsumer: makeProvideConsumer({
      nats,
      streams: { events: events.name, direct: direct.name },
    }),
    consumers: eventConsumers,
    tasks: [
      { name: 'streams', everySeconds: VERIFY_EVERY_SECONDS, run: verify },
      {
        name: 'streams-until-ready',
        everySeconds: VERIFY_AGAIN_SECONDS,
        run: async () => {
          if (!isReady()) await verify()
        },
      },
    ],
    close: async () => {
      await Promise.all([publisher.close(), directPublisher.close()])
      await nats.close()
    },
  }
}
