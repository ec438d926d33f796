import { Buffer } from 'node:buffer'
import type { SQL } from 'drizzle-orm'
import { sql } from 'drizzle-orm'
import type { DeliveryState, LedgerEntry } from '../../../domain/events/ledger-entry.ts'
import type { Channel } from '../../../domain/events/user-event.ts'
import type { UserId } from '../../../domain/shared/ids.ts'
import type { Ledger, LedgerQuery } from '../../../ports/driven/events/ledger.ts'
import type { Database } from '../driver/database.ts'
import { attempt } from '../driver/faults.ts'
import type { Row } from '../driver/rows.ts'
import { readRow, rowsOf } from '../driver/rows.ts'
import { outboxEvents } from '../driver/tables.ts'

/** A place in the ledger: the id of a transaction, and a position among the events of that transaction. */
type LedgerPosition = { readonly xid: string; readonly position: string }

const START: LedgerPosition = { xid: '0', position: '0' }

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

// Only rows of transactions below the oldest one that still runs: no row can be added before them any more.
const page = ({ userId, limit }: LedgerQuery, after: LedgerPosition): SQL => sql`
  select event.*, event.xid::text as cursor_xid, event.position::text as cursor_position,
    (
      select coalesce(jsonb_agg(delivery order by delivery.channel), '[]') from (
        select channel, state, attempts, null::bigint as acked_at_ms, null::bigint as sequence, last_error
        from outbox_deliveries pending where pending.user_id = event.user_id and pending.version = event.version
        union all
        select channel, case outcome when 'delivered' then 'acknowledged' else outcome end, attempts,
          case when outcome <> 'discarded' then (extract(epoch from acked_at) * 1000)::bigint end, sequence, last_error
        from outbox_acks ack
        where ack.user_id = event.user_id and ack.version = event.version and ack.day = event.day
          and not exists (
            select from outbox_deliveries again
            where again.user_id = ack.user_id and again.version = ack.version and again.channel = ack.channel
          )
      ) delivery
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

type DeliveryRow = {
  readonly channel: Channel
  readonly state: DeliveryState['state']
  readonly attempts: number
  readonly acked_at_ms: number | null
  readonly sequence: number | null
  readonly last_error: string | null
}

type CursorColumns = { readonly cursor_xid: string; readonly cursor_position: string }
type PageColumns = CursorColumns & { readonly deliveries: readonly DeliveryRow[] }

const entryOf = (row: Row & PageColumns): LedgerEntry => ({
  event: readRow(outboxEvents, row),
  deliveries: row.deliveries.map(deliveryStateOf),
})

const deliveryStateOf = (row: DeliveryRow): DeliveryState => ({
  channel: row.channel,
  state: row.state,
  attempts: row.attempts,
  ackedAt: row.acked_at_ms === null ? null : new Date(row.acked_at_ms),
  streamSequence: row.sequence,
  lastError: row.last_error,
})

const positionOf = (row: CursorColumns): LedgerPosition => ({
  xid: row.cursor_xid,
  position: row.cursor_position,
})

const CURSOR = /^(0|[1-9]\d{0,19})\.(0|[1-9]\d{0,18})$/
const MAXIMUM_XID = 2n ** 64n - 1n
const MAXIMUM_POSITION = 2n ** 63n - 1n

const writeCursor = ({ xid, position }: LedgerPosition): string =>
  Buffer.from(`${xid}.${position}`).toString('base64url')

/** Null for text that is no cursor of the ledger. */
const readCursor = (cursor: string): LedgerPosition | null => {
  const [, xid, position] = CURSOR.exec(Buffer.from(cursor, 'base64url').toString('latin1')) ?? []
  if (xid === undefined || position === undefined) return null
  const place = { xid, position }
  const isInRange = BigInt(xid) <= MAXIMUM_XID && BigInt(position) <= MAXIMUM_POSITION
  // Base64 decoders skip characters that they do not know, so only the one exact spelling is accepted.
  return isInRange && writeCursor(place) === cursor ? place : null
}
