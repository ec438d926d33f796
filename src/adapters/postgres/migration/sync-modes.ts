import type { SQL } from 'drizzle-orm'
import { sql } from 'drizzle-orm'
import type { Channel } from '../../../domain/events/user-event.ts'
import type { SyncModeName } from '../../../domain/migration/sync-mode.ts'
import { followsEvents } from '../../../domain/migration/sync-mode.ts'
import { fail, ok } from '../../../domain/shared/result.ts'
import { Unavailable } from '../../../domain/shared/unavailable.ts'
import type {
  SyncActor,
  SyncChange,
  SyncModes,
  SyncState,
} from '../../../ports/driven/migration/sync-modes.ts'
import type { Database, Handle } from '../driver/database.ts'
import { attempt } from '../driver/faults.ts'
import { rowsOf } from '../driver/rows.ts'
import { makeSyncBackfill } from './sync-backfill.ts'
import type { SurroundingsColumns } from './sync-surroundings.ts'
import { notes, SURROUNDINGS, surroundingsOf } from './sync-surroundings.ts'

/** The mode of one database. */
export const makeSyncModes = (database: Database): SyncModes => {
  const { db } = database
  const run = async <Columns>(statement: SQL, on: Handle = db) =>
    rowsOf<Columns>(await attempt(on.execute(statement)))
  const changed = async (statement: SQL, on: Handle = db) => (await run(statement, on)).length > 0
  const behindBarrier = (statement: SQL) =>
    attempt(
      db.transaction(async (tx) => {
        await tx.execute(BARRIER)
        return changed(statement, tx)
      }),
    )
  const read = async (on: Handle = db) => stateOf(await run<StateColumns>(STATE, on))
  const surroundings = async (on: Handle = db) =>
    surroundingsOf(await run<SurroundingsColumns>(SURROUNDINGS, on))
  const backfill = makeSyncBackfill(db)

  return {
    read: () => read(),
    surroundings: () => surroundings(),
    note: async (known) => {
      await run(notes(known))
    },
    begin: (first, now) =>
      attempt(
        db.transaction(async (tx) => {
          await tx.execute(BARRIER)
          const [row] = await run<{ begun: boolean }>(BEGUN, tx)
          if (row?.begun !== false) return false
          const { epoch } = await read(tx)
          await tx.execute(entry({ ...first, ...FIRST }, epoch, now))
          return true
        }),
      ),
    change: async (change, expectedEpoch, { acceptGap, backfillId }) => {
      const before = await read()
      if (before.epoch !== expectedEpoch) return fail({ kind: 'stale' })
      const leavesHttp = before.mode === 'http' && change.mode !== 'http'
      const { channels } = await surroundings()
      const gap = leavesHttp && !acceptGap && (await backfill.hasGap())
      if (gap && before.silentSince !== null)
        return fail({ kind: 'snapshot-needed', silentSince: before.silentSince })
      const owed = leavesHttp ? await backfill.oweMost(channels, backfillId) : NOTHING_OWED
      return attempt(
        db.transaction(async (tx) => {
          await tx.execute(BARRIER)
          const { epoch } = await read(tx)
          if (epoch !== expectedEpoch) return fail({ kind: 'stale' } as const)
          const rest = leavesHttp ? await backfill.oweRest(tx, channels, backfillId, owed.from) : 0
          if (followsEvents(change)) await tx.execute(END_OF_NEEDLESS)
          await tx.execute(entry(change, epoch + 1, null))
          return ok({ state: await read(tx), backfilled: owed.count + rest })
        }),
      )
    },
    waitingSeconds: async (channel) => {
      const [row] = await run<{ seconds: unknown }>(waiting(channel))
      return Math.max(0, Number(row?.seconds ?? 0))
    },
    arm: async () => {
      await run(TROUBLE)
      return (await changed(MAY_BE_ARMED)) && behindBarrier(ARMED)
    },
    disarm: async (quietSeconds) =>
      (await changed(mayBeDisarmed(quietSeconds))) && behindBarrier(DISARMED),
  }
}

const FIRST = {
  reason: 'the settings of a new installation',
  changedBy: 'settings',
  heldUntil: null,
} as const
const NOTHING_OWED = { count: 0, from: '0' } as const

// Queues fairly, and stands before all that a change of the mode does; a lock of the row is shared by who changes users.
const BARRIER = sql`lock table sync_mode in exclusive mode`

const BEGUN = sql`select changed_by is not null as begun from sync_mode`

const ms = (column: SQL): SQL => sql`(extract(epoch from ${column}) * 1000)::bigint`

const STATE = sql`
  select mode, percent, dual_write, epoch, armed, reason, ${ms(sql`changed_at`)} as changed_ms,
    coalesce(changed_by, 'settings') as changed_by, ${ms(sql`held_until`)} as held_ms, ${ms(sql`silent_since`)} as silent_ms
  from sync_mode`

type StateColumns = {
  readonly mode: SyncModeName
  readonly dual_write: boolean
  readonly armed: boolean
  readonly reason: string
  readonly changed_by: SyncActor
} & Readonly<Record<'percent' | 'epoch' | 'changed_ms' | 'held_ms' | 'silent_ms', unknown>>

const dateOf = (milliseconds: unknown): Date | null =>
  milliseconds === null ? null : new Date(Number(milliseconds))

const stateOf = ([row]: readonly StateColumns[]): SyncState => {
  if (row === undefined) throw new Unavailable('the row of the sync mode is missing')
  return {
    ...{ mode: row.mode, percent: Number(row.percent), dualWrite: row.dual_write },
    ...{ epoch: Number(row.epoch), armed: row.armed, reason: row.reason },
    ...{ changedAt: new Date(Number(row.changed_ms)), changedBy: row.changed_by },
    ...{ heldUntil: dateOf(row.held_ms), silentSince: dateOf(row.silent_ms) },
  }
}

// The instant is the database's, as those of the events are; only that of a first mode comes from outside.
const entry = (change: SyncChange, epoch: number, at: Date | null): SQL => sql`
  with changed as (
    update sync_mode set mode = ${change.mode}::text, percent = ${change.percent}::integer,
      dual_write = ${change.dualWrite}::boolean, epoch = ${epoch}::bigint, reason = ${change.reason}::text,
      changed_at = coalesce(${at?.toISOString() ?? null}::text::timestamptz, date_trunc('milliseconds', clock_timestamp())),
      changed_by = ${change.changedBy}::text,
      held_until = ${change.heldUntil?.toISOString() ?? null}::text::timestamptz,
      armed = armed and ${followsEvents(change)}::boolean,
      silent_since = case when ${change.mode}::text = 'http' then coalesce(silent_since, clock_timestamp()) end
    returning epoch, mode, percent, dual_write, reason, changed_at, changed_by
  )
  insert into sync_history (epoch, mode, percent, dual_write, reason, changed_at, changed_by) select * from changed`

// Acknowledged while the other leg led, and so left to it.
const END_OF_NEEDLESS = sql`
  delete from outbox_deliveries spare
  where spare.channel = 'http:backend' and spare.state = 'standby' and not exists (
    select from outbox_deliveries owed
    where owed.user_id = spare.user_id and owed.version = spare.version and owed.channel <> 'http:backend'
  )`

const waiting = (channel: Channel): SQL => sql`
  select extract(epoch from clock_timestamp() - event.occurred_at)::float8 as seconds
  from (
    select user_id, version, day from outbox_deliveries
    where channel = ${channel}::text and state = 'pending' and replay_id is null order by position limit 1
  ) oldest cross join lateral (
    select occurred_at from outbox_events
    where user_id = oldest.user_id and version = oldest.version and day = oldest.day limit 1
  ) event`

const TROUBLE = sql`
  update sync_surroundings set trouble_at = clock_timestamp()
  where trouble_at is null or trouble_at < clock_timestamp() - interval '1 second'`

const MAY_BE_ARMED = sql`
  select from sync_mode where not armed and mode in ('canary', 'events')
    and (select has_receiver from sync_surroundings)`
const ARMED = sql`
  update sync_mode set armed = true where not armed and mode in ('canary', 'events') returning 1`

const mayBeDisarmed = (quietSeconds: number): SQL => sql`
  select from sync_mode where armed and coalesce(
    (select trouble_at from sync_surroundings) < clock_timestamp() - make_interval(secs => ${quietSeconds}::float8), true)`
const DISARMED = sql`update sync_mode set armed = false where armed returning 1`
