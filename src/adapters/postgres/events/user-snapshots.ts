import { sql } from 'drizzle-orm'
import { publishedState } from '../../../domain/accounts/user.ts'
import type { UserEvent } from '../../../domain/events/user-event.ts'
import type { EventId } from '../../../domain/shared/ids.ts'
import type { UserSnapshots } from '../../../ports/driven/events/user-snapshots.ts'
import type { Database } from '../driver/database.ts'
import { attempt } from '../driver/faults.ts'
import type { Row } from '../driver/rows.ts'
import { readRow, rowsOf } from '../driver/rows.ts'
import { userOf, users } from '../driver/tables.ts'

/** The users of one database. A user who changes between two pages is announced by their own event. */
export const makeUserSnapshots = ({ db }: Database): UserSnapshots => ({
  page: async (after, limit) => {
    const answer = await attempt(
      db.execute(sql`
        select * from users ${after === null ? sql`` : sql`where id > ${after}::uuid`}
        order by id limit ${limit}::integer`),
    )
    return rowsOf<EventColumn>(answer).map(eventOf)
  },
  count: async () => {
    const [row] = rowsOf<{ count: unknown }>(
      await attempt(db.execute(sql`select count(*) from users`)),
    )
    return Number(row?.count)
  },
})

type EventColumn = { readonly event_id: EventId }

const eventOf = (row: Row & EventColumn): UserEvent => {
  const user = userOf(readRow(users, row))
  return {
    eventId: row.event_id,
    userId: user.id,
    version: user.version,
    action: user.version === 1 ? 'created' : 'updated',
    state: publishedState(user),
    changed: [],
    occurredAt: user.updatedAt,
    traceparent: null,
  }
}
