import type { SQL } from 'drizzle-orm'
import { sql } from 'drizzle-orm'
import type { Channel } from '../../../domain/events/user-event.ts'
import type {
  ChannelWindow,
  ChannelWindows,
} from '../../../ports/driven/migration/channel-statistics.ts'
import type { Database } from '../driver/database.ts'
import { attempt } from '../driver/faults.ts'
import { array, rowsOf } from '../driver/rows.ts'

/** The windows in one database, by its clock. */
export const makeChannelWindows = ({ db }: Database): ChannelWindows => ({
  keep: async (windows) => {
    if (windows.length > 0) await attempt(db.execute(insertion(windows)))
  },
  recent: async (seconds) =>
    rowsOf<WindowColumns>(await attempt(db.execute(recent(seconds)))).map((row) => ({
      channel: row.channel,
      published: Number(row.published),
      failed: Number(row.failed),
      latencies: row.latencies,
    })),
})

type WindowColumns = {
  readonly channel: Channel
  readonly published: unknown
  readonly failed: unknown
  readonly latencies: string
}

const insertion = (windows: readonly ChannelWindow[]): SQL => sql`
  with old as (delete from leg_windows where at < clock_timestamp() - interval '1 hour')
  insert into leg_windows (channel, published, failed, latencies)
  select * from unnest(
    ${array(windows.map(({ channel }) => channel))}::text[],
    ${array(windows.map(({ published }) => published))}::integer[],
    ${array(windows.map(({ failed }) => failed))}::integer[],
    ${array(windows.map(({ latencies }) => latencies))}::text[]
  )`

const recent = (seconds: number): SQL => sql`
  select channel, published, failed, latencies from leg_windows
  where at > clock_timestamp() - make_interval(secs => ${seconds}::integer)`
