import { encodeHeaderValue } from './header-value.ts'
import type { SchemaVersion } from './subjects.ts'
import type { UserAction, UserRole } from './user-event.ts'

/** One committed change of one user: all that any version of the contract may tell about it. */
export type UserChange = {
  readonly eventId: string
  readonly userId: string
  /** Rises by one with each change of the user. */
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
  /** Names of the published fields that got another value. */
  readonly changed: readonly string[]
}

/** Who tells it, and on which leg. */
export type Envelope = {
  /** The public address of the service. */
  readonly source: string
  /** Reverse DNS, `com.example.auth` say. */
  readonly typePrefix: string
  /** `nats:<subject>` or `http:<receiver>`. */
  readonly channel: string
  /** Null for the first delivery: a replay must not pass for a repeat of it, which brokers drop. */
  readonly replayId: string | null
}

const SEQUENCE_DIGITS = 20
// W3C Trace Context, level 1; anything else is nobody's trace.
const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/

/** The headers of one message: CloudEvents 1.0 in binary mode (NATS protocol binding), the same on every leg. */
export const envelopeHeaders = (
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
    // As wide as it can ever get, because the attribute is compared as text.
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
