import type { EventMessage } from './event-publisher.ts'
import type { ToldUser } from './rebases.ts'

/**
 * Everything that the stream of all user events holds at this moment, oldest first.
 * @throws Unavailable
 */
export type StoredMessages = () => AsyncIterable<EventMessage>

/** What a message tells of its user; null when it is no event of a user. */
export type ReadToldUser = (
  message: EventMessage,
) => (ToldUser & { readonly isDeleted: boolean }) | null
