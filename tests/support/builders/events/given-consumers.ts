import type { NatsConnection } from 'nats'
import type {
  ConsumeOptions,
  MemoryTransaction,
  SchemaVersion,
  UserEventConsumer,
} from '../../../../packages/user-events/src/index.ts'
import { consumeUserEvents, makeMemoryStore } from '../../../../packages/user-events/src/index.ts'
import { givenObserver } from './given-user-events.ts'

/** Starts consumers of the package on one connection, each with an observer that remembers. `stopAll` stops those that run. */
export const givenConsumers = (connection: NatsConnection) => {
  const running: UserEventConsumer[] = []
  return {
    start: async <Version extends SchemaVersion = 1>(
      name: string,
      options: Partial<ConsumeOptions<Version, MemoryTransaction>> = {},
    ) => {
      const seen = givenObserver()
      const consumer = await consumeUserEvents<Version, MemoryTransaction>({
        connection,
        name,
        version: 1 as Version,
        store: makeMemoryStore(),
        observer: seen.observer,
        handle: async () => {},
        ...options,
      })
      running.push(consumer)
      return { ...seen, consumer }
    },
    stopAll: async (): Promise<void> => {
      await Promise.all(running.splice(0).map((consumer) => consumer.stop()))
    },
  }
}
