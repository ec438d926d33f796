import { encodeVersion1 } from '../../../packages/user-events/src/index.ts'
import { PublishFailure } from '../../domain/publish-failure.ts'
import { channelOf } from '../../domain/user-event.ts'
import type { UserEventCodec } from '../../ports/driven/user-event-codec.ts'

export type UserEventCodecNeeds = {
  /** PUBLIC_URL: the source of the events, and where their schema is served. */
  readonly source: string
  /** Reverse DNS before the type of each event. */
  readonly typePrefix: string
}

/**
 * Messages by the contract that consumers install.
 * @throws PublishFailure, permanent, for a subject whose version this release does not speak.
 */
export const makeUserEventCodec = ({
  source,
  typePrefix,
}: UserEventCodecNeeds): UserEventCodec => ({
  encode: (event, subject, replayId) => {
    if (subject === 'user.events.v2')
      throw new PublishFailure('permanent', 'this release does not speak version 2')
    const { eventId, userId, version, action, occurredAt, traceparent, state } = event
    const { email, username, displayName, avatar, role, isActive } = state
    const told = { email, username, displayName, avatar, role, isActive }
    const change = { eventId, userId, version, action, occurredAt, traceparent, ...told }
    const channel = channelOf(subject)
    return encodeVersion1(change, { source, typePrefix, channel, replayId })
  },
})
