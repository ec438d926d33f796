import type { UserEvent, UserEventSubject } from '../../../domain/events/user-event.ts'
import type { EventMessage } from './event-publisher.ts'

/** Turns a change into the message of its contract. Same input, same bytes, for ever. */
export type UserEventCodec = {
  /** `replayId` makes another message of the same event; null for the first. */
  encode(event: UserEvent, subject: UserEventSubject, replayId: string | null): EventMessage
}
