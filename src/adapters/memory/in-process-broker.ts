import process from 'node:process'
import type { ConsumerName } from '../../domain/events/consumer-name.ts'
import { parseConsumerName } from '../../domain/events/consumer-name.ts'
import type { Broker } from '../../ports/driven/events/broker.ts'
import type { EventMessage } from '../../ports/driven/events/event-publisher.ts'
import { makeInProcessDeadLetters } from './in-process-dead-letters.ts'
import { makeInProcessPublisher } from './in-process-publisher.ts'

type Options = {
  /**
   * Prints each message on standard output, as Backend, Social and Chat would receive it. It shows the payload, email
   * address included, and so is for development only.
   */
  readonly printsEvents: boolean
}

/** The broker of a service without NATS: events stay in this process, and are gone when it ends. */
export const makeInProcessBroker = ({ printsEvents }: Options): Broker => {
  const deadLetters = makeInProcessDeadLetters()
  const publisher = makeInProcessPublisher({
    onMessage: (topic, message) => {
      const consumer = deadLetterConsumer(topic)
      if (consumer !== null) deadLetters.put(consumer, message, new Date())
      if (printsEvents) printEvent(topic, message)
    },
    onDropped: () => {},
  })
  return {
    connect: () => {},
    publisher,
    directPublisher: publisher,
    deadLetters,
    // There are no durable consumers here, and no message is kept.
    eventConsumers: { exists: async () => false },
    storedEvents: { messages: async function* () {} },
    isReachable: () => true,
    isReady: () => true,
    probe: { name: 'nats', embedded: true, isAvailable: async () => true },
    reports: () => [],
    provision: null,
    provideConsumer: null,
    consumers: null,
    tasks: [],
    close: publisher.close,
  }
}

const DEAD_LETTER = /^dlq\.user\.events\.([^.]+)$/

/** The consumer whose dead letter it is; null for any other message. */
const deadLetterConsumer = (topic: string): ConsumerName | null =>
  parseConsumerName(DEAD_LETTER.exec(topic)?.[1] ?? '')

const decoder = new TextDecoder()

const printEvent = (subject: string, { body }: EventMessage): void => {
  process.stdout.write(`${subject} ${decoder.decode(body)}\n`)
}
