import type { SchemaVersion } from '../../../packages/user-events/src/index.ts'
import { encode } from '../../../packages/user-events/src/index.ts'
import type { UserEventSubject } from '../../domain/events/user-event.ts'
import { channelOf } from '../../domain/events/user-event.ts'
import type { UserEventCodec } from '../../ports/driven/events/user-event-codec.ts'

export type UserEventCodecNeeds = {
  /** PUBLIC_URL: the source of the events, and where their schema is served. */
  readonly source: string
  /** Reverse DNS before the type of each event. */
  readonly typePrefix: string
}

/** Which version of the contract a subject carries: for ever the same. */
const VERSION_ON = {
  'user.events': 1,
  'user.events.v1': 1,
  'user.events.v2': 2,
} as const satisfies Record<UserEventSubject, SchemaVersion>

/** Messages by the contract that consumers install. */
export const makeUserEventCodec = ({
  source,
  typePrefix,
}: UserEventCodecNeeds): UserEventCodec => ({
  encode: (event, subject, replayId) => {
    const { eventId, userId, version, action, occurredAt, traceparent, changed, state } = event
    const { email, emailVerified, username, displayName, avatar, role, isActive } = state
    const told = { email, emailVerified, username, displayName, avatar, role, isActive }
    const change = { eventId, userId, version, action, occurredAt, traceparent, changed, ...told }
    const channel = channelOf(subject)
    return encode(change, { source, typePrefix, channel, replayId }, VERSION_ON[subject])
  },
})
