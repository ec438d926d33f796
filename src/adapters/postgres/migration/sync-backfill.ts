import type { SQL } from 'drizzle-orm'
import { sql } from 'drizzle-orm'
import type { Channel } from '../../../domain/events/user-event.ts'
import type { Handle } from '../driver/database.ts'
import { attempt } from '../driver/faults.ts'
import { array, rowsOf } from '../driver/rows.ts'

const PAGE = 1000
/** The rest is enqueued while no user can be changed, so it should be no more than this. */
const SMALL_REST = 200
const MAXIMUM_WALKS = 20

type Enqueued = {
  readonly count: number
  /** The events of all transactions before this one have been looked at. */
  readonly from: string
}

/** Enqueues the events of the ledger that the broker was not sent. */
export const makeSyncBackfill = (db: Handle) => {
  const run = async <Columns>(statement: SQL, on: Handle = db) =>
    rowsOf<Columns>(await attempt(on.execute(statement)))

  const walk = async (
    on: Handle,
    channels: readonly Channel[],
    replayId: string,
    from: string,
  ): Promise<number> => {
    let count = 0
    let after: Place = { userId: '00000000-0000-0000-0000-000000000000', version: 0 }
    for (;;) {
      const [last] = await run<PageColumns>(enqueuePage(channels, replayId, from, after), on)
      if (last === undefined) return count
      count += Number(last.enqueued)
      if (Number(last.looked_at) < PAGE) return count
      after = { userId: last.user_id, version: Number(last.version) }
    }
  }

  return {
    /** Whether days of the ledger are gone whose events the broker was not sent. */
    hasGap: async (): Promise<boolean> => (await run<{ gap: boolean }>(GAP))[0]?.gap === true,
    /** Runs before the change of the mode, while users go on changing. Leaves at most a small rest. */
    enqueueMost: async (channels: readonly Channel[], replayId: string): Promise<Enqueued> => {
      let enqueued: Enqueued = { count: 0, from: '0' }
      for (let walks = 0; walks < MAXIMUM_WALKS; walks += 1) {
        const [row] = await run<{ xmin: string }>(OLDEST_RUNNING)
        const count = await walk(db, channels, replayId, enqueued.from)
        enqueued = { count: enqueued.count + count, from: row?.xmin ?? '0' }
        if (count <= SMALL_REST) break
      }
      return enqueued
    },
    /** Runs in the transaction that changes the mode, while no user can change. */
    enqueueRest: (tx: Handle, channels: readonly Channel[], replayId: string, from: string) =>
      walk(tx, channels, replayId, from),
  }
}

type Place = { readonly userId: string; readonly version: number }
type PageColumns = { readonly user_id: string } & Readonly<
  Record<'version' | 'looked_at' | 'enqueued', unknown>
>

const OLDEST_RUNNING = sql`select pg_snapshot_xmin(pg_current_snapshot())::text as xmin`

const GAP = sql`
  select silent_since is not null and (silent_since at time zone 'UTC')::date < (
    select min(to_date(substring(child.relname from '\\d{8}$'), 'YYYYMMDD')) from pg_inherits
    join pg_class child on child.oid = inhrelid where inhparent = 'public.outbox_events'::regclass
  ) as gap from sync_mode`

// Goes from user to user, so that no later version of a user is enqueued before an earlier one. The deliveries keep the
// positions of their events, so that they come before later ones. They count as replays, because they say nothing about how
// long a change takes.
const enqueuePage = (
  channels: readonly Channel[],
  replayId: string,
  from: string,
  after: Place,
): SQL => sql`
  with page as (
    select event.user_id, event.version, event.event_id, event.day, event.shard, event.position
    from outbox_events event, sync_mode
    where event.route_mode = 'http' and event.xid >= ${from}::text::xid8
      and event.day >= (sync_mode.silent_since at time zone 'UTC')::date - 1
      and (event.user_id, event.version) > (${after.userId}::uuid, ${after.version}::bigint)
    order by event.user_id, event.version
    limit ${PAGE}::integer
  ),
  enqueued as (
    insert into outbox_deliveries (user_id, version, channel, event_id, day, shard, position, replay_id)
    select page.user_id, page.version, channel, page.event_id, page.day, page.shard, page.position, ${replayId}::uuid
    from page cross join unnest(${array(channels)}::text[]) as channels (channel)
    where channel <> 'http:backend' and not exists (
      select from outbox_acks ack where ack.user_id = page.user_id and ack.version = page.version
        and ack.day = page.day and ack.channel = channels.channel
    )
    on conflict do nothing
    returning 1
  )
  select user_id, version, (select count(*) from page) as looked_at, (select count(*) from enqueued) as enqueued
  from page order by user_id desc, version desc limit 1`
