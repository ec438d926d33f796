import { makeJetStreamPublisher } from '../../../../../src/adapters/nats/publishing/jetstream-publisher.ts'
import {
  configurationOf,
  userEventStreams,
} from '../../../../../src/adapters/nats/streams/user-event-streams.ts'
import { pause } from '../../../../../src/adapters/platform/pause.ts'
import {
  storedMessages,
  withJetStream,
} from '../../../../support/builders/events/stored-messages.ts'
import { givenNats } from '../../../../support/servers/nats/given-nats.ts'
import { accessOf, connectedNats } from '../../../../support/servers/nats/supervised-nats.ts'
import type { PublisherUnderTest } from './event-publisher.contract.ts'
import { eventPublisherContract } from './event-publisher.contract.ts'

const TOPIC = 'user.events'
const [USER_EVENTS] = userEventStreams([TOPIC], 1)

eventPublisherContract('JetStream', async () => {
  const { url, connection } = await sharedNats()
  await withJetStream(connection, async ({ streams }) => {
    await streams.delete(USER_EVENTS.name).catch(() => {})
    await streams.add(configurationOf(USER_EVENTS))
  })
  const { nats } = await connectedNats(url, accessOf(connection))
  const dropped: PublisherUnderTest['dropped'][number][] = []
  const publisher = makeJetStreamPublisher({
    nats,
    stream: USER_EVENTS.name,
    timeoutMs: 2000,
    closeWithinMs: 5000,
    onDropped: (topic, reason) => dropped.push({ topic, reason }),
    pause,
  })
  return {
    publisher,
    topic: TOPIC,
    stored: () => storedMessages(connection, USER_EVENTS.name),
    dropped,
    release: async () => {
      await publisher.close()
      await nats.close()
    },
  }
})

let shared: ReturnType<typeof givenNats> | null = null
const sharedNats = () => {
  shared ??= givenNats()
  return shared
}
