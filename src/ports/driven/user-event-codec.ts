import type { UserEvent, UserEventSubject } from '../../domain/user-event.ts'
import type { EventMessage } from './event-publisher.ts'

/** Turns a change into the message of its contract. Same input, same bytes, for ever. */
export type UserEventCodec = { encode(event: UserEvent, subject: UserEventSubject): EventMessage }
