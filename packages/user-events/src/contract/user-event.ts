import type { SchemaVersion } from './subjects.ts'
import type { UserEventV1 } from './user-event-v1.generated.ts'
import type { UserEventV2 } from './user-event-v2.generated.ts'

export type UserAction = UserEventV1['action']
export type UserRole = UserEventV1['role']

/** The body of each version. */
export type UserEventData = { readonly 1: UserEventV1; readonly 2: UserEventV2 }

/** An event as a consumer reads it: the envelope from its headers, and the body as it was sent. */
export type UserEvent<Version extends SchemaVersion = SchemaVersion> = {
  /** The same on every subject and after every replay. */
  readonly eventId: string
  readonly userId: string
  /** The user's version. It alone orders the events of one user. Versions of two users cannot be compared. */
  readonly version: number
  readonly action: UserAction
  /** When the change was committed. Do not order events by it. */
  readonly occurredAt: Date
  /** `<prefix>.user.<action>` */
  readonly type: string
  /** The public address of the service. */
  readonly source: string
  /** W3C trace context of the request that made the change. */
  readonly traceparent: string | null
  /** The user after the change; for `deleted`, before it. Fields that the contract does not know are kept. */
  readonly data: UserEventData[Version]
}
