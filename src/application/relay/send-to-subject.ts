import type { UserEventSubject } from '../../domain/user-event.ts'
import type { EventPublisher } from '../../ports/driven/event-publisher.ts'
import type { UserEventCodec } from '../../ports/driven/user-event-codec.ts'
import type { Send } from './deliver-chain.ts'

/** Sends the event as the message that its subject promises. */
export const makeSendToSubject =
  (publisher: EventPublisher, codec: UserEventCodec, subject: UserEventSubject): Send =>
  ({ event }) =>
    publisher.publish(subject, codec.encode(event, subject))
