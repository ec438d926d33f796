import type { SQL } from 'drizzle-orm'
import { sql } from 'drizzle-orm'
import type { Channel } from '../../../domain/events/user-event.ts'
import type { SyncModeName } from '../../../domain/migration/sync-mode.ts'
import { followsEvents } from '../../../domain/migration/sync-mode.ts'
import type { SyncActor, SyncChange, SyncState } from '../../../domain/migration/sync-state.ts'
import { fail, ok } from '../../../domain/shared/result.ts'
import { Unavailable } from '../../../domain/shared/unavailable.ts'
import type { SyncModes } from '../../../ports/driven/migration/sync-modes.ts'
import type { Database, Handle } from '../driver/database.ts'
import { attempt } from '../driver/faults.ts'
import { rowsOf } from '../driver/rows.ts'
import type { DeploymentColumns } from './deployment.ts'
import { DEPLOYMENT, deploymentOf, updateDeployment } from './deployment.ts'
import { makeSyncBackfill } from './sync-backfill.ts'

/** The mode of one database. Its statements run by the database's clock. */
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
  const readDeployment = async () => deploymentOf(await run<DeploymentColumns>(DEPLOYMENT))
  const backfill = makeSyncBackfill(db)

  return {
    read: () => read(),
    deployment: readDeployment,
    noteDeployment: async (known) => {
      await run(updateDeployment(known))
    },
    adoptFirstMode: (first, now) =>
      attempt(
        db.transaction(async (tx) => {
          await tx.execute(BARRIER)
          const [row] = await run<{ begun: boolean }>(BEGUN, tx)
          if (row?.begun !== false) return false
          const { epoch } = await read(tx)
          await tx.execute(setMode({ ...first, ...FIRST }, epoch, now))
          return true
        }),
      ),
    change: async (change, expectedEpoch, { acceptGap, backfillId }) => {
      const before = await read()
      if (before.epoch !== expectedEpoch) return fail({ kind: 'stale' })
      const leavesHttp = before.mode === 'http' && change.mode !== 'http'
      const { channels } = await readDeployment()
      const gap = leavesHttp && !acceptGap && (await backfill.hasGap())
      if (gap && before.silentSince !== null)
        return fail({ kind: 'snapshot-needed', silentSince: before.silentSince })
      const enqueued = leavesHttp
        ? await backfill.enqueueMost(channels, backfillId)
        : NOTHING_ENQUEUED
      return attempt(
        db.transaction(async (tx) => {
          await tx.execute(BARRIER)
          const { epoch } = await read(tx)
          if (epoch !== expectedEpoch) return fail({ kind: 'stale' } as const)
          const rest = leavesHttp
            ? await backfill.enqueueRest(tx, channels, backfillId, enqueued.from)
            : 0
          if (followsEvents(change)) await tx.execute(DELETE_ACKNOWLEDGED_STANDBY)
          await tx.execute(setMode(change, epoch + 1, null))
          return ok({ state: await read(tx), backfilled: enqueued.count + rest })
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
const NOTHING_ENQUEUED = { count: 0, from: '0' } as const

// Changes of users share a lock of the row, and a change of the mode waits for them in the queue of the table lock.
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
    mode: row.mode,
    percent: Number(row.percent),
    dualWrite: row.dual_write,
    epoch: Number(row.epoch),
    armed: row.armed,
    reason: row.reason,
    changedAt: new Date(Number(row.changed_ms)),
    changedBy: row.changed_by,
    heldUntil: dateOf(row.held_ms),
    silentSince: dateOf(row.silent_ms),
  }
}

// The instant is by the database's clock, as those of the events are. Only that of a first mode comes from the service.
const setMode = (change: SyncChange, epoch: number, at: Date | null): SQL => sql`
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

// Deliveries on standby of changes that the event channel has already delivered.
const DELETE_ACKNOWLEDGED_STANDBY = sql`
  delete from outbox_deliveries spare
  where spare.channel = 'http:backend' and spare.state = 'standby' and not exists (
    select from outbox_deliveries pending
    where pending.user_id = spare.user_id and pending.version = spare.version and pending.channel <> 'http:backend'
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
