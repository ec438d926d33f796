import type { PublishedField, PublishedState } from '../accounts/user.ts'
import type { EventId, UserId } from '../shared/ids.ts'

export type UserAction = 'created' | 'updated' | 'deleted'

/** One committed change of one user, as the ledger keeps it. A deletion carries the last state. */
export type UserEvent = {
  readonly eventId: EventId
  readonly userId: UserId
  readonly version: number
  readonly action: UserAction
  readonly state: PublishedState
  readonly changed: readonly PublishedField[]
  /** When it was committed, by the database's clock. */
  readonly occurredAt: Date
  /** W3C trace context of the request that made the change; null outside a request. */
  readonly traceparent: string | null
}

/** What the author of a change says about its event; the rest is known from the change itself. */
export type Announcement = Pick<UserEvent, 'eventId' | 'traceparent'>

/** The subjects that user events can be published on. */
export const USER_EVENT_SUBJECTS = ['user.events', 'user.events.v1', 'user.events.v2'] as const
export type UserEventSubject = (typeof USER_EVENT_SUBJECTS)[number]

/** One leg that each event has to be delivered on. */
export type Channel = `nats:${UserEventSubject}` | 'http:backend'

export const channelOf = (subject: UserEventSubject): Channel => `nats:${subject}`

export const CHANNELS: readonly Channel[] = [...USER_EVENT_SUBJECTS.map(channelOf), 'http:backend']

/** Whether its receiver keeps states, not their history: it is told a user's newest version, and never an older one after it. */
export const tellsNewestOnly = (channel: Channel): boolean => channel === 'http:backend'

/** How long a change stays in the ledger, at least. */
export const LEDGER_DAYS = 14

/** A version leaps by a multiple of this after a restore, over all that consumers may have heard of. */
export const LEAP = 1_000_000

export const SHARDS = 64

/** Which of the 64 shards a user's events belong to: FNV-1a of the id, so that every release agrees for ever. */
export const shardOf = (user: UserId): number => {
  let hash = 0x811c9dc5
  for (const character of user)
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0
  return hash % SHARDS
}
