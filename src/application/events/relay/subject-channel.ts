import type { UserEventSubject } from '../../../domain/events/user-event.ts'
import type { EventPublisher } from '../../../ports/driven/events/event-publisher.ts'
import type { UserEventCodec } from '../../../ports/driven/events/user-event-codec.ts'
import type { Leg } from './deliver-chain.ts'

type Needs = {
  readonly publisher: EventPublisher
  readonly codec: UserEventCodec
  /** Whether the broker can be reached now. */
  readonly isConnected: () => boolean
  /** The longest that the publisher waits for its receipt. */
  readonly sendSeconds: number
}

/** Sends each event as the message that its subject promises. */
export const makeSubjectLeg = (
  { publisher, codec, isConnected, sendSeconds }: Needs,
  subject: UserEventSubject,
): Leg => ({
  isReady: isConnected,
  sendSeconds,
  send: ({ event, replayId }) => publisher.publish(subject, codec.encode(event, subject, replayId)),
})
