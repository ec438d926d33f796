import type { SchemaVersion } from '../../../packages/user-events/src/index.ts'
import { decode, encode } from '../../../packages/user-events/src/index.ts'
import type { PublishedState } from '../../domain/accounts/user.ts'
import type { UserEventSubject } from '../../domain/events/user-event.ts'
import { channelOf } from '../../domain/events/user-event.ts'
import { parseUserId } from '../../domain/shared/ids.ts'
import type { UserEventCodec } from '../../ports/driven/events/event-publisher.ts'
import type { ReadPublishedUser } from '../../ports/driven/events/rebases.ts'

export type UserEventCodecNeeds = {
  /** PUBLIC_URL: the source of the events, and the place where their schema is served. */
  readonly source: string
  /** Reverse DNS name that the type of each event begins with. */
  readonly typePrefix: string
}

/** Which version of the contract a subject carries. It never changes for a subject. */
const VERSION_ON = {
  'user.events': 1,
  'user.events.v1': 1,
  'user.events.v2': 2,
} as const satisfies Record<UserEventSubject, SchemaVersion>

/** Writes messages by the contract that consumers install. */
export const makeUserEventCodec = ({
  source,
  typePrefix,
}: UserEventCodecNeeds): UserEventCodec => ({
  encode: (event, subject, replayId) => {
    const { email, emailVerified, username, displayName, avatar, role, isActive } = event.state
    const change = {
      eventId: event.eventId,
      userId: event.userId,
      version: event.version,
      action: event.action,
      occurredAt: event.occurredAt,
      traceparent: event.traceparent,
      changed: event.changed,
      email,
      emailVerified,
      username,
      displayName,
      avatar,
      role,
      isActive,
    }
    const envelope = { source, typePrefix, channel: channelOf(subject), replayId }
    return encode(change, envelope, VERSION_ON[subject])
  },
})

/** Reads messages of either version. Version 1 does not say whether the address is verified; it is taken as not verified. */
export const readPublishedUser: ReadPublishedUser = (message) => {
  const second = decode(message, 2)
  const read = second.ok ? second : decode(message, 1)
  const userId = read.ok ? parseUserId(read.event.userId) : null
  if (!read.ok || userId === null) return null
  const { data, version, action } = read.event
  const { email, username, displayName, avatar, role, isActive } = data
  const emailVerified = 'emailVerified' in data && data.emailVerified
  const state = { email, emailVerified, username, displayName, avatar, role, isActive }
  // The service has published this state, so its parsers accepted every field before.
  return { userId, version, isDeleted: action === 'deleted', state: state as PublishedState }
}

const IP_ADDRESS = /^[\d.]+$|^\[/

/** The host of a URL as a reverse DNS name: `com.example.auth` for https://auth.example.com. An IP address stays as it is. */
export const reverseDns = (publicUrl: string): string => {
  const { hostname } = new URL(publicUrl)
  if (IP_ADDRESS.test(hostname)) return hostname.replace(/^\[|\]$/g, '')
  return hostname.split('.').filter(Boolean).toReversed().join('.')
}
