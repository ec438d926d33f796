import type { SQL } from 'drizzle-orm'
import { sql } from 'drizzle-orm'
import type { PublishedField, PublishedState } from '../../../domain/accounts/user.ts'
import type { Announcement, Channel, UserAction } from '../../../domain/events/user-event.ts'
import { shardOf } from '../../../domain/events/user-event.ts'
import type { UserId } from '../../../domain/shared/ids.ts'
import type { UsernameForms } from '../../../ports/driven/accounts/users.ts'
import { elements } from '../driver/list-parameter.ts'
import { routedTo } from '../events/channel-routing.ts'

/** What is announced together with a change. */
export type ChangeEvent = Announcement & {
  readonly userId: UserId
  readonly action: UserAction
  readonly changed: readonly PublishedField[]
  readonly channels: readonly Channel[]
}

/**
 * One statement that locks the row of the mode, makes the change, records it in the ledger and enqueues its deliveries as
 * the mode says. `change` writes users from `route` and returns the row with `event_version` and `occurred_at`. `more` is
 * SQL for further queries on that row, which is called `saved`; each begins with a comma.
 */
export const announcedChange = (change: SQL, event: ChangeEvent, more: SQL = sql``): SQL => sql`
  with route as (
    select mode, percent, dual_write, salt, epoch, date_trunc('milliseconds', clock_timestamp()) as at,
      ${event.eventId}::uuid as event_id
    from sync_mode for share
  ),
  saved as (${change}),
  recorded as (
    insert into outbox_events (user_id, version, event_id, shard, action, state, changed, traceparent,
      occurred_at, route_mode, route_epoch)
    select saved.id, saved.event_version, route.event_id, ${shardOf(event.userId)}::smallint,
      ${event.action}::text, ${PUBLISHED}, array(${elements(event.changed)}), ${event.traceparent}::text,
      saved.occurred_at, route.mode, route.epoch
    from saved, route
    returning user_id, version, event_id, shard, day, position
  ),
  enqueued as (${enqueue(event.channels)})
  ${more}
  select * from saved`

/** Puts a delivery of each event in `recorded` into the outbox for each channel, as the mode in `route` says. */
export const enqueue = (channels: readonly Channel[]): SQL => sql`
  insert into outbox_deliveries (user_id, version, channel, event_id, day, shard, position, state)
  ${routed(channels)}`

// Without the HTTP channel nothing is on standby. Most installations have none, so they get the cheaper statement.
const routed = (channels: readonly Channel[]): SQL =>
  channels.includes('http:backend')
    ? sql`select user_id, version, channel, recorded.event_id, day, shard, position, state
      from recorded, route, (${elements(channels)}) as channels (channel),
        lateral (select ${ROUTED} as state) as delivery
      where state is not null`
    : sql`select user_id, version, channel, recorded.event_id, day, shard, position, 'pending'
      from recorded, route, (${elements(channels)}) as channels (channel)
      where route.mode <> 'http'`

const ROUTED = routedTo(sql`route`, sql`channel`, sql`user_id`)

// The allow-list of what an event may say about a user.
export const PUBLISHED = sql`jsonb_build_object('email', saved.email, 'emailVerified', saved.email_verified,
  'username', saved.username, 'displayName', saved.display_name, 'avatar', saved.avatar,
  'role', saved.role, 'isActive', saved.is_active)`

export const insertion = (id: UserId, state: PublishedState, forms: UsernameForms): SQL => sql`
  insert into users (id, version, email, email_verified, username, username_canonical, username_skeleton,
    display_name, avatar, role, is_active, created_at, updated_at, event_id)
  select ${id}::uuid, 1, ${state.email}::text, ${state.emailVerified}::boolean, ${state.username}::text,
    ${forms.canonical}::text, ${forms.skeleton}::text, ${state.displayName}::text, ${state.avatar}::text,
    ${state.role}::text, ${state.isActive}::boolean, route.at, route.at, route.event_id
  from route
  returning users.*, version as event_version, updated_at as occurred_at`

export const replacement = (
  id: UserId,
  version: number,
  state: PublishedState,
  forms: UsernameForms,
): SQL => sql`
  update users set version = users.version + 1, email = ${state.email}::text,
    email_verified = ${state.emailVerified}::boolean, username = ${state.username}::text,
    username_canonical = ${forms.canonical}::text, username_skeleton = ${forms.skeleton}::text,
    display_name = ${state.displayName}::text, avatar = ${state.avatar}::text, role = ${state.role}::text,
    is_active = ${state.isActive}::boolean, updated_at = ${LATER}, event_id = route.event_id
  from route where users.id = ${id}::uuid and users.version = ${version}::bigint
  returning users.*, users.version as event_version, users.updated_at as occurred_at`

export const removal = (id: UserId, version: number): SQL => sql`
  delete from users using route where users.id = ${id}::uuid and users.version = ${version}::bigint
  returning users.*, users.version + 1 as event_version, ${LATER} as occurred_at`

// A user's instants never run backwards, whatever the clock does.
export const LATER = sql`greatest(route.at, users.updated_at + interval '1 millisecond')`
