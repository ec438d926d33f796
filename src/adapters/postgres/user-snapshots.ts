import { sql } from 'drizzle-orm'
import type { EventId } from '../../domain/ids.ts'
import { publishedState } from '../../domain/user.ts'
import type { UserEvent } from '../../domain/user-event.ts'
import type { UserSnapshots } from '../../ports/driven/user-snapshots.ts'
import type { Database } from './database.ts'
import { attempt } from './faults.ts'
import type { Row } from './rows.ts'
import { readRow, rowsOf } from './rows.ts'
import { users } from './tables.ts'
import { userOf } from './users.ts'

/** The users of one database. A page is one look; users who change between two pages are told of by their own events. */
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
