import type { ConsumerName } from '../../domain/events/consumer-name.ts'
import type { DeadLetter, DeadLetters } from '../../ports/driven/events/dead-letters.ts'
import type { EventMessage } from '../../ports/driven/events/event-publisher.ts'

export type InProcessDeadLetters = DeadLetters & {
  /** Adds a dead letter. False when the list is full. */
  put(consumer: ConsumerName, message: EventMessage, storedAt: Date): boolean
}

const CAPACITY = 10_000

/** Dead letters inside this process, for development and tests. A full list takes no more and drops none. */
export const makeInProcessDeadLetters = (capacity = CAPACITY): InProcessDeadLetters => {
  const letters = new Map<number, DeadLetter>()
  let sequence = 0
  return {
    put: (consumer, message, storedAt) => {
      if (letters.size >= capacity) return false
      sequence += 1
      letters.set(sequence, { sequence, consumer, message, storedAt })
      return true
    },
    list: async ({ consumer, after, limit }) =>
      [...letters.values()]
        .filter((letter) => letter.sequence > after)
        .filter((letter) => consumer === null || letter.consumer === consumer)
        .slice(0, limit),
    last: async () => sequence,
    find: async (place) => letters.get(place) ?? null,
    remove: async (place) => {
      letters.delete(place)
    },
  }
}
