import type { UserEventSubject } from '../../../domain/events/user-event.ts'
import type { Delivery, DeliveryReceipt } from '../../../ports/driven/events/deliveries.ts'
import type {
  EventPublisher,
  EventReceiver,
  UserEventCodec,
} from '../../../ports/driven/events/event-publisher.ts'

/** Sends the deliveries of one channel. */
export type ChannelSender = {
  /** False while an attempt would certainly fail: not connected, or the circuit breaker is open. */
  isReady(): boolean
  /** The longest that one send may take. */
  readonly sendSeconds: number
  /**
   * Sends one event.
   * @throws PublishFailure
   */
  send(delivery: Delivery): Promise<DeliveryReceipt>
}

type SubjectNeeds = {
  readonly publisher: EventPublisher
  readonly codec: UserEventCodec
  /** Whether the broker can be reached now. */
  readonly isConnected: () => boolean
  /** The longest that the publisher waits for its receipt. */
  readonly sendSeconds: number
}

/** The sender of an event channel: it publishes each event in the form that its subject promises. */
export const makeSubjectSender = (
  { publisher, codec, isConnected, sendSeconds }: SubjectNeeds,
  subject: UserEventSubject,
): ChannelSender => ({
  isReady: isConnected,
  sendSeconds,
  send: ({ event, replayId }) => publisher.publish(subject, codec.encode(event, subject, replayId)),
})

type ReceiverNeeds = {
  readonly receiver: EventReceiver
  readonly codec: UserEventCodec
  /** The longest that the receiver may take to answer. */
  readonly sendSeconds: number
}

/** The sender of the HTTP channel: it sends each event to the receiver as a message of version 1. */
export const makeReceiverSender = ({
  receiver,
  codec,
  sendSeconds,
}: ReceiverNeeds): ChannelSender => ({
  isReady: receiver.isReady,
  sendSeconds,
  send: async ({ event, replayId }) => {
    const message = codec.encode(event, 'user.events.v1', replayId)
    const { alreadyNewer } = await receiver.send(event.eventId, message)
    return { stream: null, sequence: null, duplicate: alreadyNewer }
  },
})
