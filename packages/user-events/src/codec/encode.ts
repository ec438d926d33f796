import type { SchemaVersion } from '../contract/subjects.ts'
import type { UserAction, UserRole } from '../contract/user-event.ts'
import type { UserEventV1 } from '../contract/user-event-v1.generated.ts'
import type { UserEventV2 } from '../contract/user-event-v2.generated.ts'
import type { WireMessage } from '../contract/wire-message.ts'
import { encodeHeaderValue } from './header-value.ts'

/** One committed change of one user: all that any version of the contract can contain. */
export type UserChange = {
  readonly eventId: string
  readonly userId: string
  /** Grows by one with each change of the user. */
  readonly version: number
  readonly action: UserAction
  readonly occurredAt: Date
  readonly traceparent: string | null
  readonly email: string | null
  readonly username: string
  readonly displayName: string | null
  readonly avatar: string | null
  readonly role: UserRole
  readonly isActive: boolean
  readonly emailVerified: boolean
  /** Names of the published fields whose value changed. */
  readonly changed: readonly string[]
}

/** Who publishes the change, and on which channel. */
export type Envelope = {
  /** The public address of the service. */
  readonly source: string
  /** A reverse DNS name, such as `com.example.auth`. */
  readonly typePrefix: string
  /** `nats:<subject>` or `http:<receiver>`. */
  readonly channel: string
  /** Null for the first delivery. A replay needs another message id, because brokers drop a repeated one. */
  readonly replayId: string | null
}

/** The message of a change in this version of the contract: what the service itself publishes, byte for byte. */
export const encode = (
  change: UserChange,
  envelope: Envelope,
  version: SchemaVersion,
): WireMessage =>
  version === 1 ? encodeVersion1(change, envelope) : encodeVersion2(change, envelope)

/** The message of a change in version 1. The same input gives the same bytes. */
export const encodeVersion1 = (change: UserChange, envelope: Envelope): WireMessage => ({
  headers: envelopeHeaders(change, envelope, 1),
  body: bytesOf(version1Of(change)),
})

/** The message of a change in version 2: the fields of version 1 in their order, then the new ones. */
export const encodeVersion2 = (change: UserChange, envelope: Envelope): WireMessage => ({
  headers: envelopeHeaders(change, envelope, 2),
  body: bytesOf(version2Of(change)),
})

/** Each field is named, so that no other member of the given object can get into a message. */
const version1Of = (change: UserChange): UserEventV1 => ({
  id: change.userId,
  email: change.email,
  username: change.username,
  displayName: change.displayName,
  avatar: change.avatar,
  role: change.role,
  isActive: change.isActive,
  action: change.action,
  timestamp: change.occurredAt.toISOString(),
})

const version2Of = (change: UserChange): UserEventV2 => ({
  ...version1Of(change),
  schemaVersion: 2,
  eventId: change.eventId,
  version: change.version,
  changed: change.changed,
  emailVerified: change.emailVerified,
})

const bytesOf = (body: UserEventV1 | UserEventV2): Uint8Array =>
  new TextEncoder().encode(JSON.stringify(body))

const SEQUENCE_DIGITS = 20
// W3C Trace Context, level 1. Other values are left out.
const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/

/** The headers of one message: CloudEvents 1.0 in binary mode (NATS protocol binding), the same on every channel. */
const envelopeHeaders = (
  change: UserChange,
  { source, typePrefix, channel, replayId }: Envelope,
  schemaVersion: SchemaVersion,
): Record<string, string> => {
  const headers: Record<string, string> = {
    'ce-specversion': '1.0',
    'ce-id': change.eventId,
    'ce-source': source,
    'ce-type': `${typePrefix}.user.${change.action}`,
    'ce-subject': change.userId,
    'ce-partitionkey': change.userId,
    // Padded to the longest possible number, because the attribute is compared as text.
    'ce-sequence': String(change.version).padStart(SEQUENCE_DIGITS, '0'),
    'ce-time': change.occurredAt.toISOString(),
    'ce-datacontenttype': 'application/json',
    'ce-dataschema': `${source}/schemas/user-events/v${schemaVersion}.json`,
    ...(change.traceparent !== null && TRACEPARENT.test(change.traceparent)
      ? { traceparent: change.traceparent }
      : {}),
    'Nats-Msg-Id': `${change.eventId}:${channel}${replayId === null ? '' : `:r${replayId}`}`,
  }
  for (const [name, value] of Object.entries(headers)) headers[name] = encodeHeaderValue(value)
  return headers
}
