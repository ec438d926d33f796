import type { SQL } from 'drizzle-orm'
import { sql } from 'drizzle-orm'
import type { Channel } from '../../../domain/events/user-event.ts'
import type { UserId } from '../../../domain/shared/ids.ts'
import type {
  DeliveryState,
  Ledger,
  LedgerEntry,
  LedgerQuery,
} from '../../../ports/driven/events/ledger.ts'
import type { Database } from '../driver/database.ts'
import { attempt } from '../driver/faults.ts'
import type { Row } from '../driver/rows.ts'
import { readRow, rowsOf } from '../driver/rows.ts'
import { outboxEvents } from '../driver/tables.ts'
import type { LedgerPosition } from './ledger-cursor.ts'
import { readCursor, START, writeCursor } from './ledger-cursor.ts'

/** The ledger of one database, in the order of transactions. */
export const makeLedger = ({ db }: Database): Ledger => ({
  read: async (query) => {
    const after = query.after === null ? START : readCursor(query.after)
    if (after === null) return null
    const rows = rowsOf<PageColumns>(await attempt(db.execute(page(query, after))))
    const last = rows.at(-1)
    return {
      entries: rows.map(entryOf),
      next: last === undefined ? query.after : writeCursor(positionOf(last)),
    }
  },
  beforeLast: async (count, user) => {
    const [row] = rowsOf<CursorColumns>(await attempt(db.execute(placeBefore(count, user))))
    return row === undefined ? null : writeCursor(positionOf(row))
  },
})

// Below the oldest transaction that still runs nothing can be added any more.
const page = ({ userId, limit }: LedgerQuery, after: LedgerPosition): SQL => sql`
  select event.*, event.xid::text as cursor_xid, event.position::text as cursor_position,
    (
      select coalesce(jsonb_agg(leg order by leg.channel), '[]') from (
        select channel, state, attempts, null::bigint as acked_at_ms, null::bigint as sequence, last_error
        from outbox_deliveries owed where owed.user_id = event.user_id and owed.version = event.version
        union all
        select channel, case outcome when 'delivered' then 'acknowledged' else outcome end, attempts,
          case when outcome <> 'discarded' then (extract(epoch from acked_at) * 1000)::bigint end, sequence, last_error
        from outbox_acks ack
        where ack.user_id = event.user_id and ack.version = event.version and ack.day = event.day
          and not exists (
            select from outbox_deliveries again
            where again.user_id = ack.user_id and again.version = ack.version and again.channel = ack.channel
          )
      ) leg
    ) as deliveries
  from outbox_events event
  where (event.xid, event.position) > (${after.xid}::text::xid8, ${after.position}::text::bigint)
    and event.xid < pg_snapshot_xmin(pg_current_snapshot())
    ${userId === null ? sql`` : sql`and event.user_id = ${userId}::uuid`}
  order by event.xid, event.position
  limit ${limit}::integer`

const placeBefore = (count: number, user: UserId | null): SQL => sql`
  select xid::text as cursor_xid, position::text as cursor_position from outbox_events
  where xid < pg_snapshot_xmin(pg_current_snapshot())
    ${user === null ? sql`` : sql`and user_id = ${user}::uuid`}
  order by xid desc, position desc
  limit 1 offset ${count}::integer`

type LegRow = {
  readonly channel: Channel
  readonly state: DeliveryState['state']
  readonly attempts: number
  readonly acked_at_ms: number | null
  readonly sequence: number | null
  readonly last_error: string | null
}

type CursorColumns = { readonly cursor_xid: string; readonly cursor_position: string }
type PageColumns = CursorColumns & { readonly deliveries: readonly LegRow[] }

const entryOf = (row: Row & PageColumns): LedgerEntry => ({
  event: readRow(outboxEvents, row),
  deliveries: row.deliveries.map(deliveryStateOf),
})

const deliveryStateOf = (leg: LegRow): DeliveryState => ({
  channel: leg.channel,
  state: leg.state,
  attempts: leg.attempts,
  ackedAt: leg.acked_at_ms === null ? null : new Date(leg.acked_at_ms),
  streamSequence: leg.sequence,
  lastError: leg.last_error,
})

const positionOf = (row: CursorColumns): LedgerPosition => ({
  xid: row.cursor_xid,
  position: row.cursor_position,
})
