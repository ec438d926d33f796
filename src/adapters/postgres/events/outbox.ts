import type { SQL } from 'drizzle-orm'
import { sql } from 'drizzle-orm'
import type { PublishedField, User } from '../../../domain/accounts/user.ts'
import { publishedState } from '../../../domain/accounts/user.ts'
import type { Announcement, Channel, UserAction } from '../../../domain/events/user-event.ts'
import { shardOf } from '../../../domain/events/user-event.ts'
import type { UserId } from '../../../domain/shared/ids.ts'
import type { CommittedEvent } from '../../../ports/driven/events/deliveries.ts'
import { arrayText, elements } from '../driver/rows.ts'
import { outboxEvents } from '../driver/tables.ts'
import { routedTo } from './channel-routing.ts'

/** The event that announces a change of a user. */
export type ChangeEvent = Announcement & {
  readonly userId: UserId
  readonly action: UserAction
  readonly changed: readonly PublishedField[]
}

/** The values of the placeholders in `announcedChange`. */
export const valuesOfEvent = (event: ChangeEvent) => ({
  eventId: event.eventId,
  shard: shardOf(event.userId),
  action: event.action,
  changed: arrayText(event.changed),
  traceparent: event.traceparent,
})

/**
 * One statement that locks the row of the mode, makes the change, records the event in the ledger, and enqueues a
 * delivery for each channel as the mode says. It answers the row of `saved` with the columns of `AnnouncedColumns`.
 * It has placeholders for the event: see `valuesOfEvent`.
 * @param change writes to users, from the row `route`, and returns the user's row with `event_version` and `occurred_at`.
 * @param more further queries on that row, which is called `saved`; each starts with a comma.
 */
export const announcedChange = (
  change: SQL,
  channels: readonly Channel[],
  more: SQL = sql``,
): SQL =>
  announcedChanges(channels, {
    change,
    more,
    route: sql`, ${sql.placeholder('eventId')}::uuid as event_id`,
    event: {
      eventId: sql`route.event_id`,
      shard: sql`${sql.placeholder('shard')}::smallint`,
      action: sql`${sql.placeholder('action')}::text`,
      changed: sql`${sql.placeholder('changed')}::text::text[]`,
      traceparent: sql`${sql.placeholder('traceparent')}::text`,
    },
  })

type Announced = {
  readonly change: SQL
  /** What the ledger says about each event beside the change itself: SQL expressions on the rows `saved` and `route`. */
  readonly event: Readonly<Record<'eventId' | 'shard' | 'action' | 'changed' | 'traceparent', SQL>>
  /** Further columns of the row `route`; each starts with a comma. */
  readonly route?: SQL
  /** Queries that the change needs; each ends with a comma. */
  readonly before?: SQL
  readonly more?: SQL
}

/** The same for the changes of several users in one statement. It answers a row for each user. */
export const announcedChanges = (
  channels: readonly Channel[],
  { change, event, route = sql``, before = sql``, more = sql`` }: Announced,
): SQL => sql`
  with route as (
    select mode, percent, dual_write, salt, epoch, armed, date_trunc('milliseconds', clock_timestamp()) as at${route}
    from sync_mode for share
  ),
  ${before}
  saved as (${change}),
  recorded as (
    insert into outbox_events (user_id, version, event_id, shard, action, state, changed, traceparent,
      occurred_at, route_mode, route_epoch)
    select saved.id, saved.event_version, ${event.eventId}, ${event.shard}, ${event.action}, ${PUBLISHED_STATE},
      ${event.changed}, ${event.traceparent}, saved.occurred_at, route.mode, route.epoch
    from saved, route
    returning user_id, version, event_id, shard, day, position
  ),
  enqueued as (${enqueueDeliveries(channels)} returning user_id, channel, state)
  ${more}
  select saved.*,
    (select string_agg(channel, ',') from enqueued, route where user_id = saved.id and (state = 'pending' or armed)) as pending_on,
    (select string_agg(distinct channel, ',') from outbox_deliveries where user_id = saved.id and state <> 'parked') as owed_on
  from saved`

/** What the statement of `announcedChange` answers beside the columns of the user. */
export type AnnouncedColumns = Readonly<
  Record<'event_version' | 'occurred_at' | 'pending_on' | 'owed_on', unknown>
>

/** The event that the statement has recorded, as the relay takes it. `user` is what its row says about the user. */
export const committedEvent = (
  { userId, action, changed, ...announcement }: ChangeEvent,
  user: User,
  row: AnnouncedColumns,
  begunAt: number,
): CommittedEvent => {
  const owedOn = channelsIn(row.owed_on)
  return {
    event: {
      ...announcement,
      userId,
      version: Number(row.event_version),
      action,
      state: publishedState(user),
      changed,
      occurredAt: outboxEvents.occurredAt.mapFromDriverValue(row.occurred_at) as Date,
    },
    pending: channelsIn(row.pending_on).map((channel) => ({
      channel,
      isFirst: !owedOn.includes(channel),
    })),
    begunAt,
  }
}

// The statement wrote this list from the channels that it was made with.
const channelsIn = (list: unknown): readonly Channel[] =>
  list === null ? [] : (String(list).split(',') as Channel[])

/** Enqueues a delivery of each event in `recorded` for each channel, as the mode in `route` says. */
export const enqueueDeliveries = (channels: readonly Channel[]): SQL => sql`
  insert into outbox_deliveries (user_id, version, channel, event_id, day, shard, position, state)
  ${routed(channels)}`

// Without the HTTP channel there are no standby deliveries. Most installations have none, and so a cheaper statement.
const routed = (channels: readonly Channel[]): SQL =>
  channels.includes('http:backend')
    ? sql`select user_id, version, channel, recorded.event_id, day, shard, position, state
      from recorded, route, (${elements(channels)}) as channels (channel),
        lateral (select ${DELIVERY_STATE} as state) as delivery
      where state is not null`
    : sql`select user_id, version, channel, recorded.event_id, day, shard, position, 'pending'
      from recorded, route, (${elements(channels)}) as channels (channel)
      where route.mode <> 'http'`

const DELIVERY_STATE = routedTo(sql`route`, sql`channel`, sql`user_id`)

/** The published state of the user in `saved`: the complete list of what an event may say about a user. */
export const PUBLISHED_STATE = sql`jsonb_build_object('email', saved.email, 'emailVerified', saved.email_verified,
  'username', saved.username, 'displayName', saved.display_name, 'avatar', saved.avatar,
  'role', saved.role, 'isActive', saved.is_active)`

/** The instant of a change. It is always later than the user's last one, even when the clock was set back. */
export const LATER_INSTANT = sql`greatest(route.at, users.updated_at + interval '1 millisecond')`
