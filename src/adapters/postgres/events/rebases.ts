import type { SQL } from 'drizzle-orm'
import { sql } from 'drizzle-orm'
import type { PublishedUser, RebaseCounts } from '../../../domain/events/rebase.ts'
import { REBASE_STEP } from '../../../domain/events/rebase.ts'
import type { Channel } from '../../../domain/events/user-event.ts'
import { shardOf } from '../../../domain/events/user-event.ts'
import type { EventId, UserId } from '../../../domain/shared/ids.ts'
import { fail, ok } from '../../../domain/shared/result.ts'
import type { RebaseStart, Rebases } from '../../../ports/driven/events/rebases.ts'
import type { Database, Handle } from '../driver/database.ts'
import { attempt } from '../driver/faults.ts'
import { makingMissingPartitions } from '../driver/missing-partitions.ts'
import { array, rowsOf } from '../driver/rows.ts'
import { enqueueDeliveries, LATER_INSTANT, PUBLISHED_STATE } from './outbox.ts'

type Needs = {
  /** The channels that each event is delivered on. */
  readonly channels: readonly Channel[]
  /** Called after the commit: there is something to deliver. */
  readonly wakeRelay: () => void
}

type NextEventId = () => EventId

/** Users in one statement. Each statement has to end within the statement timeout. */
const PAGE = 500

/** Rebases of one database. */
export const makeRebases = ({ db }: Database, { channels, wakeRelay }: Needs): Rebases => ({
  unknownUsers: async (ids) => {
    const answer = await attempt(
      db.execute(sql`
        select id from unnest(${array(ids)}::uuid[]) as given (id)
        where not exists (select from users where users.id = given.id)`),
    )
    return rowsOf<{ id: UserId }>(answer).map(({ id }) => id)
  },
  begin: () =>
    attempt(
      db.transaction(async (tx) => {
        await tx.execute(BARRIER)
        return (await isServing(tx)) ? null : readStart(tx)
      }),
    ),
  raiseVersions: async (start, by, vanished, nextEventId) => {
    if (by <= 0 || by % REBASE_STEP !== 0) throw new RangeError(`${by} is no multiple of a million`)
    const counts = await makingMissingPartitions(db, () =>
      attempt(
        db.transaction(async (tx) => {
          await tx.execute(BARRIER)
          // An instance that starts now finds no free shard until the commit.
          await tx.execute(sql`select shard from relay_leases order by shard for update`)
          if ((await isServing(tx)) || (await isChangedSince(tx, start))) return null
          // Checked at once for each statement. Deferred, the commit would check all users again and take too long.
          await tx.execute(sql`set constraints users_announced immediate`)
          const { lifted, liftedBefore } = await liftAll(tx, by, nextEventId, channels)
          const deleted = await announceVanished(tx, by, vanished, nextEventId, channels)
          return { lifted, liftedBefore, ...deleted }
        }),
      ),
    )
    if (counts === null) return fail({ kind: 'still-serving' })
    wakeRelay()
    return ok(counts)
  },
})

/** Every change of a user locks this row until it is committed. */
const BARRIER = sql`select mode from sync_mode for update`

/** To be read behind the barrier. */
const readStart = async (db: Handle): Promise<RebaseStart> => {
  const answer = await db.execute(sql`
    select pg_snapshot_xmin(pg_current_snapshot())::text as "oldestOpen",
      coalesce(pg_sequence_last_value('outbox_positions'), 0)::text as position`)
  const [start] = rowsOf<RebaseStart>(answer)
  if (start === undefined) throw new Error('the statement did not answer a row')
  return start
}

/** Each change takes the next position. By the transaction it is found in the index. */
const isChangedSince = async (
  db: Handle,
  { oldestOpen, position }: RebaseStart,
): Promise<boolean> => {
  const answer = await db.execute(sql`
    select exists (
      select from outbox_events where xid >= ${oldestOpen}::text::xid8 and position > ${position}::text::bigint
    ) as changed`)
  return rowsOf<{ changed: boolean }>(answer)[0]?.changed === true
}

const isServing = async (db: Handle): Promise<boolean> => {
  const answer = await db.execute(sql`
    select exists (select from relay_leases where owner is not null and expires_at > clock_timestamp())
      or exists (select from relay_instances where expires_at > clock_timestamp()) as serving`)
  return rowsOf<{ serving: boolean }>(answer)[0]?.serving === true
}

const liftAll = async (
  tx: Handle,
  by: number,
  nextEventId: NextEventId,
  channels: readonly Channel[],
): Promise<Pick<RebaseCounts, 'lifted' | 'liftedBefore'>> => {
  let lifted = 0
  let liftedBefore = 0
  let after = '00000000-0000-0000-0000-000000000000'
  for (;;) {
    const answer = await tx.execute(sql`
      select users.id, users.version >= ${by}::bigint and exists (${ownRebase}) as is_lifted
      from users where users.id > ${after}::uuid order by users.id limit ${PAGE}::integer`)
    const page = rowsOf<{ id: UserId; is_lifted: boolean }>(answer)
    const last = page.at(-1)
    if (last === undefined) return { lifted, liftedBefore }
    const ids = page.filter(({ is_lifted }) => !is_lifted).map(({ id }) => id)
    if (ids.length > 0) await tx.execute(recorded(lift(ids, by, nextEventId), 'updated', channels))
    lifted += ids.length
    liftedBefore += page.length - ids.length
    after = last.id
  }
}

// The last event of a user whom an earlier run has raised. Only a rebase announces a user without a change.
const ownRebase = sql`
  select from outbox_events event where event.user_id = users.id and event.version = users.version
    and event.action = 'updated' and event.changed = '{}'`

const announceVanished = async (
  tx: Handle,
  by: number,
  vanished: readonly PublishedUser[],
  nextEventId: NextEventId,
  channels: readonly Channel[],
): Promise<Pick<RebaseCounts, 'deleted' | 'deletedBefore'>> => {
  let deleted = 0
  let deletedBefore = 0
  for (let first = 0; first < vanished.length; first += PAGE) {
    const page = vanished.slice(first, first + PAGE)
    const before = await withDeletion(tx, page)
    const rest = page.filter(({ userId }) => !before.has(userId))
    deletedBefore += before.size
    if (rest.length === 0) continue
    const answer = await tx.execute(recorded(removal(rest, by, nextEventId), 'deleted', channels))
    deleted += rowsOf(answer).length
  }
  return { deleted, deletedBefore }
}

/** Those of the users whose deletion is in the ledger already, above the version that consumers know. */
const withDeletion = async (
  tx: Handle,
  page: readonly PublishedUser[],
): Promise<ReadonlySet<UserId>> => {
  const answer = await tx.execute(sql`
    select page.id from unnest(
      ${array(page.map(({ userId }) => userId))}::uuid[], ${array(page.map(({ version }) => version))}::bigint[]
    ) as page (id, version)
    where exists (
      select from outbox_events event
      where event.user_id = page.id and event.version > page.version and event.action = 'deleted'
    )`)
  return new Set(rowsOf<{ id: UserId }>(answer).map(({ id }) => id))
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
