import type { SQL } from 'drizzle-orm'
import { sql } from 'drizzle-orm'
import type { Channel } from '../../../domain/events/user-event.ts'
import { tellsNewestOnly } from '../../../domain/events/user-event.ts'
import type { UserId } from '../../../domain/shared/ids.ts'
import type {
  EventSelection,
  ParkedDelivery,
  ParkedPlace,
  ParkedSelection,
  ReplayPlace,
  ReplaySelection,
  Replays,
} from '../../../ports/driven/events/replays.ts'
import type { Database } from '../driver/database.ts'
import { attempt } from '../driver/faults.ts'
import type { Row } from '../driver/rows.ts'
import { readRow, rowsOf } from '../driver/rows.ts'
import { outboxEvents } from '../driver/tables.ts'

/** Replays of the ledger of one database, and the end of what is parked in its outbox. */
export const makeReplays = ({ db }: Database): Replays => {
  const run = async <Columns>(statement: SQL) =>
    rowsOf<Columns>(await attempt(db.execute(statement)))
  const count = async (statement: SQL) => Number((await run<CountColumns>(statement))[0]?.count)
  return {
    count: (selection) => count(replayable(selection)),
    replay: async (selection, replayId, after, limit) => {
      const [last] = await run<BatchColumns>(debt(selection, replayId, after ?? FIRST, limit))
      if (last === undefined) return { replayed: 0, next: null }
      const isLast = Number(last.looked_at) < limit
      const place = { userId: last.user_id, version: Number(last.version) }
      return { replayed: Number(last.replayed), next: isLast ? null : place }
    },
    events: async (selection, after, limit) =>
      (await run(events(selection, after ?? FIRST, limit))).map((row) =>
        readRow(outboxEvents, row),
      ),
    countEvents: (selection) =>
      count(sql`select count(*) from outbox_events event where ${within(selection)}`),
    parked: async (after, limit) =>
      (await run<ParkedColumns>(parkedPage(after, limit))).map(parkedOf),
    countParked: (selection) =>
      count(sql`select count(*) from outbox_deliveries owed where ${parked(selection)}`),
    discard: (selection, limit, now) => count(removal(selection, limit, now)),
  }
}

type CountColumns = { readonly count: unknown }
type BatchColumns = Readonly<Record<'looked_at' | 'replayed' | 'version', unknown>> & {
  readonly user_id: UserId
}

type Place = Omit<ReplayPlace, 'userId'> & { readonly userId: string }
type ParkedColumns = Readonly<Record<'attempts' | 'place', unknown>> & {
  readonly channel: Channel
  readonly last_error: string | null
}

const FIRST: Place = {
  userId: '00000000-0000-0000-0000-000000000000',
  version: 0,
}

const instant = (at: Date): SQL => sql`${at.toISOString()}::text::timestamptz`

// The day is that of the transaction's beginning, which lies before the event, and not long before it.
const within = ({ userId, from, until }: EventSelection): SQL => sql`
  event.occurred_at >= ${instant(from)}
  and event.day >= (${instant(from)} at time zone 'UTC')::date - 1
  ${until === null ? sql`` : sql`and event.occurred_at < ${instant(until)}`}
  ${userId === null ? sql`` : sql`and event.user_id = ${userId}::uuid`}`

const selected = (selection: ReplaySelection): SQL =>
  sql`${within(selection)} ${tellsNewestOnly(selection.channel) ? IS_NEWEST : sql``}`

// A receiver of states that is told an old one goes back to it, unless it guards by version.
const IS_NEWEST = sql`and not exists (
  select from outbox_events newer where newer.user_id = event.user_id and newer.version > event.version
)`

const replayable = (selection: ReplaySelection): SQL => sql`
  select count(*) from outbox_events event
  left join outbox_deliveries owed on owed.user_id = event.user_id and owed.version = event.version
    and owed.channel = ${selection.channel}::text
  where ${selected(selection)} and (owed.state is null or owed.state = 'parked')`

const behind = ({ userId, version }: Place): SQL =>
  sql`(event.user_id, event.version) > (${userId}::uuid, ${version}::bigint)`

const events = (selection: EventSelection, after: Place, limit: number): SQL => sql`
  select event.* from outbox_events event where ${behind(after)} and ${within(selection)}
  order by event.user_id, event.version limit ${limit}::integer`

// Walks from user to user, so that no batch lets a younger version out before an older one. The old positions put
// them before whatever else waits for the same user.
const debt = (
  selection: ReplaySelection,
  replayId: string,
  after: Place,
  limit: number,
): SQL => sql`
  with page as (
    select event.user_id, event.version, event.event_id, event.day, event.shard, event.position
    from outbox_events event
    where ${behind(after)} and ${selected(selection)}
    order by event.user_id, event.version
    limit ${limit}::integer
  ),
  owed_again as (
    insert into outbox_deliveries as owed (user_id, version, channel, event_id, day, shard, position, replay_id)
    select user_id, version, ${selection.channel}::text, event_id, day, shard, position, ${replayId}::uuid from page
    on conflict (user_id, version, channel) do update
      set state = 'pending', attempts = 0, next_attempt_at = null, last_error = null where owed.state = 'parked'
    returning 1
  )
  select user_id, version, (select count(*) from page) as looked_at, (select count(*) from owed_again) as replayed
  from page order by user_id desc, version desc limit 1`

const parked = ({ channel, userId, eventId }: ParkedSelection): SQL => sql`
  owed.state = 'parked'
  ${channel === null ? sql`` : sql`and owed.channel = ${channel}::text`}
  ${userId === null ? sql`` : sql`and owed.user_id = ${userId}::uuid`}
  ${eventId === null ? sql`` : sql`and owed.event_id = ${eventId}::uuid`}`

const parkedPage = (after: ParkedPlace | null, limit: number): SQL => sql`
  select event.*, owed.channel, owed.attempts, owed.last_error, owed.position as place
  from outbox_deliveries owed
  join outbox_events event on event.user_id = owed.user_id and event.version = owed.version and event.day = owed.day
  where owed.state = 'parked'
    ${after === null ? sql`` : sql`and (owed.position, owed.channel) > (${after.position}::bigint, ${after.channel}::text)`}
  order by owed.position, owed.channel limit ${limit}::integer`

const parkedOf = (row: Row & ParkedColumns): ParkedDelivery => ({
  channel: row.channel,
  event: readRow(outboxEvents, row),
  attempts: Number(row.attempts),
  lastError: row.last_error,
  place: { position: Number(row.place), channel: row.channel },
})

// Of a parked replay the first receipt stays: the event was delivered once.
const removal = (selection: ParkedSelection, limit: number, now: Date): SQL => sql`
  with given_up as (
    delete from outbox_deliveries where (user_id, version, channel) in (
      select owed.user_id, owed.version, owed.channel from outbox_deliveries owed where ${parked(selection)}
      limit ${limit}::integer for update
    )
    returning day, user_id, version, channel, attempts, last_error
  ),
  recorded as (
    insert into outbox_acks (day, user_id, version, channel, outcome, duplicate, attempts, acked_at, last_error)
    select day, user_id, version, channel, 'discarded', false, attempts, ${instant(now)}, last_error from given_up
    on conflict do nothing
  )
  select count(*) from given_up`
