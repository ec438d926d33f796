import type { SQL } from 'drizzle-orm'
import { sql } from 'drizzle-orm'
import type { PublishedField } from '../../../domain/accounts/user.ts'
import type { Announcement, Channel, UserAction } from '../../../domain/events/user-event.ts'
import { shardOf } from '../../../domain/events/user-event.ts'
import type { UserId } from '../../../domain/shared/ids.ts'
import { elements } from '../driver/rows.ts'
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
  changed: JSON.stringify(event.changed),
  traceparent: event.traceparent,
})

/**
 * One statement that locks the row of the mode, makes the change, records the event in the ledger, and enqueues a
 * delivery for each channel as the mode says.
 * It has placeholders for the event: see `valuesOfEvent`.
 * @param change writes to users, from the row `route`, and returns the user's row with `event_version` and `occurred_at`.
 * @param more further queries on that row, which is called `saved`; each starts with a comma.
 */
export const announcedChange = (
  change: SQL,
  channels: readonly Channel[],
  more: SQL = sql``,
): SQL => sql`
  with route as (
    select mode, percent, dual_write, salt, epoch, date_trunc('milliseconds', clock_timestamp()) as at,
      ${sql.placeholder('eventId')}::uuid as event_id
    from sync_mode for share
  ),
  saved as (${change}),
  recorded as (
    insert into outbox_events (user_id, version, event_id, shard, action, state, changed, traceparent,
      occurred_at, route_mode, route_epoch)
    select saved.id, saved.event_version, route.event_id, ${sql.placeholder('shard')}::smallint,
      ${sql.placeholder('action')}::text, ${PUBLISHED_STATE},
      array(select jsonb_array_elements_text(${sql.placeholder('changed')}::text::jsonb)), ${sql.placeholder('traceparent')}::text,
      saved.occurred_at, route.mode, route.epoch
    from saved, route
    returning user_id, version, event_id, shard, day, position
  ),
  enqueued as (${enqueueDeliveries(channels)})
  ${more}
  select * from saved`

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
