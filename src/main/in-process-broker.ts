import { makeInProcessDeadLetters } from '../adapters/memory/in-process-dead-letters.ts'
import { makeInProcessPublisher } from '../adapters/memory/in-process-publisher.ts'
import type { ConsumerName } from '../domain/events/consumer-name.ts'
import { parseConsumerName } from '../domain/events/consumer-name.ts'
import type { Broker } from './broker.ts'
import type { Config } from './config.ts'
import { printEvent } from './sample-consumer.ts'

/** The broker of a development machine: the sample consumer is all that listens. */
export const makeInProcessBroker = (mode: Config['mode']): Broker => {
  const deadLetters = makeInProcessDeadLetters()
  const publisher = makeInProcessPublisher({
    onMessage: (topic, message) => {
      const consumer = parkingConsumer(topic)
      if (consumer !== null) deadLetters.put(consumer, message, new Date())
      if (mode === 'development') printEvent(topic, message)
    },
    onDropped: () => {},
  })
  return {
    publisher,
    forConsumers: {
      ...{ direct: publisher, deadLetters },
      // Nobody has a durable consumer here, and nothing that was told is kept.
      eventConsumers: { exists: async () => false },
      storedEvents: { messages: async function* () {} },
    },
    isReachable: () => true,
    isReady: () => true,
    probe: { name: 'nats', embedded: true, isAvailable: async () => true },
    reports: () => [],
    provision: null,
    consumers: null,
    tasks: [],
    close: publisher.close,
  }
}

const DEAD_LETTER = /^dlq\.user\.events\.([^.]+)$/

/** Whose dead letter it is; null for any other message. */
const parkingConsumer = (topic: string): ConsumerName | null =>
  parseConsumerName(DEAD_LETTER.exec(topic)?.[1] ?? '')
