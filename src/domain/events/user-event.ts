import type { PublishedField, PublishedState } from '../accounts/user.ts'
import type { EventId, UserId } from '../shared/ids.ts'

export type UserAction = 'created' | 'updated' | 'deleted'

/** One committed change of one user, as the ledger keeps it. The event of a deletion carries the last state. */
export type UserEvent = {
  readonly eventId: EventId
  readonly userId: UserId
  readonly version: number
  readonly action: UserAction
  readonly state: PublishedState
  readonly changed: readonly PublishedField[]
  /** When the change was committed, by the database's clock. */
  readonly occurredAt: Date
  /** W3C trace context of the request that made the change; null outside a request. */
  readonly traceparent: string | null
}

/** What the author of a change adds to its event. Everything else follows from the change itself. */
export type Announcement = Pick<UserEvent, 'eventId' | 'traceparent'>

/** The subjects on which user events can be published. */
export const USER_EVENT_SUBJECTS = ['user.events', 'user.events.v1', 'user.events.v2'] as const
export type UserEventSubject = (typeof USER_EVENT_SUBJECTS)[number]

/**
 * The subject of the newest version. Messages for one consumer have that version: it holds every field of the older ones, so
 * a reader of version 1 understands it too.
 */
export const NEWEST_SUBJECT: UserEventSubject = 'user.events.v2'

/** One way out of the outbox: a subject of the broker, or Backend's HTTP endpoint. */
export type Channel = `nats:${UserEventSubject}` | 'http:backend'

export const channelOf = (subject: UserEventSubject): Channel => `nats:${subject}`

export const CHANNELS: readonly Channel[] = [...USER_EVENT_SUBJECTS.map(channelOf), 'http:backend']

/**
 * Whether the receiver of this channel keeps the present state of each user and no history. Such a channel sends the
 * newest version of a user only, and never an older version after it.
 */
export const sendsNewestOnly = (channel: Channel): boolean => channel === 'http:backend'

/** How many days the ledger keeps a change, at least. */
export const LEDGER_DAYS = 14

export const SHARDS = 64

/** Which of the 64 shards a user's events belong to: FNV-1a of the user id. The result must be the same in every release. */
export const shardOf = (user: UserId): number => {
  let hash = 0x811c9dc5
  for (const character of user)
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0
  return hash % SHARDS
}

/** Groups items by user. Users come in the order of their first item, and the items of a user keep their order. */
export const groupByUser = <Item>(
  items: readonly Item[],
  userOf: (item: Item) => UserId,
): ReadonlyMap<UserId, readonly Item[]> => {
  const groups = new Map<UserId, Item[]>()
  for (const item of items) {
    const user = userOf(item)
    const group = groups.get(user)
    if (group === undefined) groups.set(user, [item])
    else group.push(item)
  }
  return groups
}
