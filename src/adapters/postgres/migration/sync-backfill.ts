import type { SQL } from 'drizzle-orm'
import { sql } from 'drizzle-orm'
import type { Channel } from '../../../domain/events/user-event.ts'
import type { Handle } from '../driver/database.ts'
import { attempt } from '../driver/faults.ts'
import { array, rowsOf } from '../driver/rows.ts'

const PAGE = 1000
/** What is left after a walk is owed while nobody can change a user, so it should be little. */
const LITTLE = 200
const MOST_WALKS = 20

type Owed = {
  readonly count: number
  /** Transactions below this one have been looked at. */
  readonly from: string
}

/** Owes the broker what it was not told, of all that the ledger holds. */
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
      const [last] = await run<PageColumns>(debt(channels, replayId, from, after), on)
      if (last === undefined) return count
      count += Number(last.owed)
      if (Number(last.looked_at) < PAGE) return count
      after = { userId: last.user_id, version: Number(last.version) }
    }
  }

  return {
    /** Whether days of the ledger are gone that the broker was told nothing of. */
    hasGap: async (): Promise<boolean> => (await run<{ gap: boolean }>(GAP))[0]?.gap === true,
    /** Before the change of the mode, while users change: all but a little. */
    oweMost: async (channels: readonly Channel[], replayId: string): Promise<Owed> => {
      let owed: Owed = { count: 0, from: '0' }
      for (let walks = 0; walks < MOST_WALKS; walks += 1) {
        const [row] = await run<{ xmin: string }>(OLDEST_RUNNING)
        const count = await walk(db, channels, replayId, owed.from)
        owed = { count: owed.count + count, from: row?.xmin ?? '0' }
        if (count <= LITTLE) break
      }
      return owed
    },
    /** While no user changes: the rest, in the transaction that changes the mode. */
    oweRest: (tx: Handle, channels: readonly Channel[], replayId: string, from: string) =>
      walk(tx, channels, replayId, from),
  }
}

type Place = { readonly userId: string; readonly version: number }
type PageColumns = { readonly user_id: string } & Readonly<
  Record<'version' | 'looked_at' | 'owed', unknown>
>

const OLDEST_RUNNING = sql`select pg_snapshot_xmin(pg_current_snapshot())::text as xmin`

const GAP = sql`
  select silent_since is not null and (silent_since at time zone 'UTC')::date < (
    select min(to_date(substring(child.relname from '\\d{8}$'), 'YYYYMMDD')) from pg_inherits
    join pg_class child on child.oid = inhrelid where inhparent = 'public.outbox_events'::regclass
  ) as gap from sync_mode`

// From user to user, so that nobody's younger version is owed before an older one; with the old positions, so that
// they come before what is owed later. As replays: they say nothing about how long a change takes.
const debt = (
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
  owed as (
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
  select user_id, version, (select count(*) from page) as looked_at, (select count(*) from owed) as owed
  from page order by user_id desc, version desc limit 1`
