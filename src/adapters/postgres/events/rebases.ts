import type { SQL } from 'drizzle-orm'
import { sql } from 'drizzle-orm'
import type { PublishedUser } from '../../../domain/events/rebase.ts'
import type { Channel } from '../../../domain/events/user-event.ts'
import { shardOf } from '../../../domain/events/user-event.ts'
import type { EventId, UserId } from '../../../domain/shared/ids.ts'
import type { Rebases } from '../../../ports/driven/events/rebases.ts'
import type { Database, Handle } from '../driver/database.ts'
import { attempt } from '../driver/faults.ts'
import { makingMissingPartitions } from '../driver/missing-partitions.ts'
import { array, rowsOf } from '../driver/rows.ts'
import { enqueueDeliveries, LATER_INSTANT, PUBLISHED_STATE } from './outbox.ts'

type Needs = {
  /** The channels that each event is delivered on. */
  readonly channels: readonly Channel[]
  /** Called after the commit: there is something to deliver. */
  readonly onCommitted: () => void
}

type NextEventId = () => EventId

/** Users in one statement. Each statement has to end within the statement timeout. */
const PAGE = 500

/** Rebases of one database. */
export const makeRebases = ({ db }: Database, { channels, onCommitted }: Needs): Rebases => ({
  unknownUsers: async (ids) => {
    const answer = await attempt(
      db.execute(sql`
        select id from unnest(${array(ids)}::uuid[]) as given (id)
        where not exists (select from users where users.id = given.id)`),
    )
    return rowsOf<{ id: UserId }>(answer).map(({ id }) => id)
  },
  raiseVersions: async (by, vanished, nextEventId) => {
    const counts = await makingMissingPartitions(db, () =>
      attempt(
        db.transaction(async (tx) => {
          // The barrier: every change of a user locks this row until it is committed.
          await tx.execute(sql`select mode from sync_mode for update`)
          // Checked at once for each statement. Deferred, the commit would check all users again and take too long.
          await tx.execute(sql`set constraints users_announced immediate`)
          const lifted = await liftAll(tx, by, nextEventId, channels)
          return {
            lifted,
            deleted: await announceVanished(tx, by, vanished, nextEventId, channels),
          }
        }),
      ),
    )
    onCommitted()
    return counts
  },
})

const liftAll = async (
  tx: Handle,
  by: number,
  nextEventId: NextEventId,
  channels: readonly Channel[],
): Promise<number> => {
  let lifted = 0
  let after = '00000000-0000-0000-0000-000000000000'
  for (;;) {
    const answer = await tx.execute(sql`
      select id from users where id > ${after}::uuid order by id limit ${PAGE}::integer`)
    const ids = rowsOf<{ id: UserId }>(answer).map(({ id }) => id)
    const last = ids.at(-1)
    if (last === undefined) return lifted
    await tx.execute(recorded(lift(ids, by, nextEventId), 'updated', channels))
    lifted += ids.length
    after = last
  }
}

const announceVanished = async (
  tx: Handle,
  by: number,
  vanished: readonly PublishedUser[],
  nextEventId: NextEventId,
  channels: readonly Channel[],
): Promise<number> => {
  let deleted = 0
  for (let first = 0; first < vanished.length; first += PAGE) {
    const page = vanished.slice(first, first + PAGE)
    const answer = await tx.execute(recorded(removal(page, by, nextEventId), 'deleted', channels))
    deleted += rowsOf(answer).length
  }
  return deleted
}

const lift = (ids: readonly UserId[], by: number, nextEventId: NextEventId): SQL => sql`
  saved as (
    update users set version = users.version + ${by}::bigint, updated_at = ${LATER_INSTANT}, event_id = page.event_id
    from route, unnest(
      ${array(ids)}::uuid[], ${array(ids.map(nextEventId))}::uuid[], ${array(ids.map(shardOf))}::smallint[]
    ) as page (id, event_id, shard)
    where users.id = page.id
    returning users.*, page.shard
  ),
  announced as (
    select id, version, event_id, shard, ${PUBLISHED_STATE} as state, updated_at as occurred_at from saved
  )`

const removal = (page: readonly PublishedUser[], by: number, nextEventId: NextEventId): SQL => sql`
  announced as (
    select page.id, page.version + ${by}::bigint as version, page.event_id, page.shard, page.state::jsonb,
      route.at as occurred_at
    from route, unnest(
      ${array(page.map(({ userId }) => userId))}::uuid[], ${array(page.map(({ version }) => version))}::bigint[],
      ${array(page.map(() => nextEventId()))}::uuid[], ${array(page.map(({ userId }) => shardOf(userId)))}::smallint[],
      ${array(page.map(({ state }) => JSON.stringify(state)))}::text[]
    ) as page (id, version, event_id, shard, state)
    where not exists (select from users where users.id = page.id)
  )`

/** Records each row of `announced` in the ledger and enqueues it on each channel. */
const recorded = (
  announced: SQL,
  action: 'updated' | 'deleted',
  channels: readonly Channel[],
): SQL => sql`
  with route as (
    select mode, percent, dual_write, salt, epoch, date_trunc('milliseconds', clock_timestamp()) as at from sync_mode
  ),
  ${announced},
  recorded as (
    insert into outbox_events (user_id, version, event_id, shard, action, state, changed, occurred_at,
      route_mode, route_epoch)
    select announced.id, announced.version, announced.event_id, announced.shard, ${action}::text, announced.state, '{}',
      announced.occurred_at,
      route.mode, route.epoch
    from announced, route
    returning user_id, version, event_id, shard, day, position
  ),
  enqueued as (${enqueueDeliveries(channels)})
  select user_id from recorded`
