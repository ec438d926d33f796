import { makeInProcessPublisher } from '../adapters/memory/make-in-process-publisher.ts'
import type { Broker } from './broker.ts'
import type { Config } from './config.ts'
import { printEvent } from './sample-consumer.ts'

/** The broker of a development machine: the sample consumer is all that listens. */
export const makeInProcessBroker = (mode: Config['mode']): Broker => {
  const publisher = makeInProcessPublisher({
    onMessage: mode === 'development' ? printEvent : () => {},
    onDropped: () => {},
  })
  return {
    publisher,
    isReady: () => true,
    probe: { name: 'nats', embedded: true, isAvailable: async () => true },
    reports: () => [],
    provision: null,
    tasks: [],
    close: publisher.close,
  }
}
