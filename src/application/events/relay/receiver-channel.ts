import type { EventReceiver } from '../../../ports/driven/events/event-receiver.ts'
import type { UserEventCodec } from '../../../ports/driven/events/user-event-codec.ts'
import type { Leg } from './deliver-chain.ts'

type Needs = {
  readonly receiver: EventReceiver
  readonly codec: UserEventCodec
  /** The longest that the receiver is waited for. */
  readonly sendSeconds: number
}

/** Tells one receiver each user's newest state, as the message of version 1. */
export const makeReceiverLeg = ({ receiver, codec, sendSeconds }: Needs): Leg => ({
  isReady: receiver.isReady,
  sendSeconds,
  send: async ({ event, replayId }) => {
    const message = codec.encode(event, 'user.events.v1', replayId)
    const { alreadyNewer } = await receiver.tell(event.eventId, message)
    return { stream: null, sequence: null, duplicate: alreadyNewer }
  },
})
