import type { ConnectionOptions, StreamConfig } from 'nats'
import type { NatsOptions } from '../../../../src/adapters/nats/connection/open-nats.ts'
import { makeJetStreamPublisher } from '../../../../src/adapters/nats/publishing/jetstream-publisher.ts'
import {
  configurationOf,
  userEventStreams,
} from '../../../../src/adapters/nats/streams/user-event-streams.ts'
import { pause } from '../../../../src/adapters/platform/pause.ts'
import type {
  EventPublisher,
  Receipt,
} from '../../../../src/ports/driven/events/event-publisher.ts'
import { connectedNats } from '../../servers/nats/supervised-nats.ts'
import { withJetStream } from './stored-messages.ts'

export const SUBJECTS = ['user.events', 'user.events.v1', 'user.events.v2'] as const
/** How long a publish may take. A publish that ends earlier did not time out. */
export const TIMEOUT_MS = 2000

/** Less than `TIMEOUT_MS`. */
const CLOSE_WITHIN_MS = 150

const [USER_EVENTS] = userEventStreams(SUBJECTS, 1)

/** The stream of all user events, empty, with a few settings of its own. */
export const freshStream = (
  connection: ConnectionOptions,
  settings: Partial<StreamConfig> = {},
): Promise<void> =>
  withJetStream(connection, async ({ streams }) => {
    await streams.delete(USER_EVENTS.name).catch(() => {})
    await streams.add({ ...configurationOf(USER_EVENTS), ...settings })
  })

/** All three streams, empty. */
export const freshStreams = (connection: ConnectionOptions): Promise<void> =>
  withJetStream(connection, async ({ streams }) => {
    for (const stream of userEventStreams(SUBJECTS, 1)) {
      await streams.delete(stream.name).catch(() => {})
      await streams.add(configurationOf(stream))
    }
  })

/** A publisher on a connection of its own. */
export const givenPublisher = async (url: string, options: Partial<NatsOptions> = {}) => {
  const supervised = await connectedNats(url, options)
  const dropped: { topic: string; reason: string }[] = []
  const publisher = makeJetStreamPublisher({
    nats: supervised.nats,
    stream: USER_EVENTS.name,
    timeoutMs: TIMEOUT_MS,
    closeWithinMs: CLOSE_WITHIN_MS,
    onDropped: (topic, reason) => dropped.push({ topic, reason }),
    pause,
  })
  const close = async () => {
    await publisher.close()
    await supervised.nats.close()
  }
  return { ...supervised, publisher, dropped, close }
}

/** The kind of a failure, or the receipt. */
export const outcomeOf = async (
  publishing: ReturnType<EventPublisher['publish']>,
): Promise<string | Receipt> =>
  publishing.catch((fault: unknown) =>
    fault instanceof Error && 'kind' in fault ? String(fault.kind) : Promise.reject(fault),
  )
