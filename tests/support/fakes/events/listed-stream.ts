import type {
  StoredEvents,
  StoredMessage,
} from '../../../../src/ports/driven/events/event-streams.ts'

/** A stream in a list, whose past a test may change. */
export const listedStream = (createdAt = new Date('2026-11-20T00:00:00.000Z')) => {
  let born = createdAt
  let first = 1
  let messages: StoredMessage[] = []
  const last = () => first + messages.length - 1
  const stored: Pick<StoredEvents, 'position' | 'read'> = {
    position: async () => ({ createdAt: born, firstSequence: first, lastSequence: last() }),
    async *read(from, to) {
      yield* messages.filter(({ sequence }) => sequence >= from && sequence <= to)
    },
  }
  return {
    stored,
    /** Answers the sequence that the message got. */
    publish: (messageId: string): number => {
      const sequence = last() + 1
      messages.push({ sequence, topic: 'user.events', messageId })
      return sequence
    },
    makeAnew: () => {
      born = new Date(born.getTime() + 86_400_000)
      first = 1
      messages = []
    },
    /** As after a restore from an older copy: the last messages are gone, their numbers are given again. */
    rewind: (count: number) => {
      messages = messages.slice(0, -count)
    },
    truncate: (count: number) => {
      messages = messages.slice(count)
      first += count
    },
    ids: () => messages.map(({ messageId }) => messageId),
  }
}
