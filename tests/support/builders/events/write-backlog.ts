import type postgres from 'postgres'
import { shardOf } from '../../../../src/domain/events/user-event.ts'
import { parseUserId } from '../../../../src/domain/shared/ids.ts'

const USERS = 200

/** The same users in every round, so that versions go on where the round before has ended. */
const users = Array.from({ length: USERS }, (_, index) => {
  const id = parseUserId(`01999999-9999-7999-8999-${String(index).padStart(12, '0')}`)
  if (id === null) throw new Error('not an id')
  return { id, shard: shardOf(id) }
})

/** Commits `count` events of 200 users, in turn, in one statement. All are pending on the event channel. */
export const writeBacklog = async (sql: postgres.Sql, count: number): Promise<void> => {
  await sql`
    with recent as (
      select coalesce(max(version), 0) as version from outbox_events
    ),
    recorded as (
      insert into outbox_events (user_id, version, event_id, shard, action, state, changed, traceparent,
        occurred_at, route_mode, route_epoch)
      select (users.one->>'id')::uuid, recent.version + step, gen_random_uuid(), (users.one->>'shard')::smallint,
        'updated', ${STATE}::text::jsonb, '{displayName}',
        '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', now(), 'events', 1
      from recent, generate_series(1, ${count / USERS}::bigint) step,
        jsonb_array_elements(${JSON.stringify(users)}::text::jsonb) with ordinality users (one, turn)
      order by step, turn
      returning user_id, version, event_id, shard, day, position
    )
    insert into outbox_deliveries (user_id, version, channel, event_id, day, shard, position)
    select user_id, version, 'nats:user.events', event_id, day, shard, position from recorded`
}

/** As large as what users have. */
export const PUBLISHED_STATE = {
  email: 'somebody.with.a.name@bench.example',
  emailVerified: true,
  username: 'somebody_with_a_name',
  displayName: 'Somebody With a Name',
  avatar: 'https://bench.example/avatars/somebody-with-a-name.png',
  role: 'user',
  isActive: true,
}

const STATE = JSON.stringify(PUBLISHED_STATE)
