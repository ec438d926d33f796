import type { SQL } from 'drizzle-orm'
import { sql } from 'drizzle-orm'
import type { Channel } from '../../../domain/events/user-event.ts'
import { sendsNewestOnly } from '../../../domain/events/user-event.ts'
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
import { instant, readRow, rowsOf } from '../driver/rows.ts'
import { outboxEvents } from '../driver/tables.ts'

/** Replays events of one database's ledger, and discards parked deliveries of its outbox. */
export const makeReplays = ({ db }: Database): Replays => {
  const run = async <Columns>(statement: SQL) =>
    rowsOf<Columns>(await attempt(db.execute(statement)))
  const count = async (statement: SQL) => Number((await run<CountColumns>(statement))[0]?.count)
  return {
    count: (selection) => count(replayable(selection)),
    replay: async (selection, replayId, after, limit) => {
      const [last] = await run<BatchColumns>(
        enqueueAgain(selection, replayId, after ?? FIRST, limit),
      )
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
      count(sql`select count(*) from outbox_deliveries delivery where ${parked(selection)}`),
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

// `day` is the day on which the transaction began: the day of the event, or at most one day earlier.
const within = ({ userId, from, until }: EventSelection): SQL => sql`
  event.occurred_at >= ${instant(from)}
  and event.day >= (${instant(from)} at time zone 'UTC')::date - 1
  ${until === null ? sql`` : sql`and event.occurred_at < ${instant(until)}`}
  ${userId === null ? sql`` : sql`and event.user_id = ${userId}::uuid`}`

const selected = (selection: ReplaySelection): SQL =>
  sql`${within(selection)} ${sendsNewestOnly(selection.channel) ? IS_NEWEST : sql``}`

// A receiver that keeps only the present state would go back to an older one, unless it compares versions.
const IS_NEWEST = sql`and not exists (
  select from outbox_events newer where newer.user_id = event.user_id and newer.version > event.version
)`

const replayable = (selection: ReplaySelection): SQL => sql`
  select count(*) from outbox_events event
  left join outbox_deliveries delivery on delivery.user_id = event.user_id and delivery.version = event.version
    and delivery.channel = ${selection.channel}::text
  where ${selected(selection)} and (delivery.state is null or delivery.state = 'parked')`

const behind = ({ userId, version }: Place): SQL =>
  sql`(event.user_id, event.version) > (${userId}::uuid, ${version}::bigint)`

const events = (selection: EventSelection, after: Place, limit: number): SQL => sql`
  select event.* from outbox_events event where ${behind(after)} and ${within(selection)}
  order by event.user_id, event.version limit ${limit}::integer`

// Goes from user to user, so that no batch enqueues a younger version before an older one. The deliveries keep the old
// positions, which puts them before whatever else waits for the same user.
const enqueueAgain = (
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
  enqueued_again as (
    insert into outbox_deliveries as delivery (user_id, version, channel, event_id, day, shard, position, replay_id)
    select user_id, version, ${selection.channel}::text, event_id, day, shard, position, ${replayId}::uuid from page
    on conflict (user_id, version, channel) do update
      set state = 'pending', attempts = 0, next_attempt_at = null, last_error = null where delivery.state = 'parked'
    returning 1
  )
  select user_id, version, (select count(*) from page) as looked_at, (select count(*) from enqueued_again) as replayed
  from page order by user_id desc, version desc limit 1`

const parked = ({ channel, userId, eventId }: ParkedSelection): SQL => sql`
  delivery.state = 'parked'
  ${channel === null ? sql`` : sql`and delivery.channel = ${channel}::text`}
  ${userId === null ? sql`` : sql`and delivery.user_id = ${userId}::uuid`}
  ${eventId === null ? sql`` : sql`and delivery.event_id = ${eventId}::uuid`}`

const parkedPage = (after: ParkedPlace | null, limit: number): SQL => sql`
  select event.*, delivery.channel, delivery.attempts, delivery.last_error, delivery.position as place
  from outbox_deliveries delivery
  join outbox_events event on event.user_id = delivery.user_id and event.version = delivery.version
    and event.day = delivery.day
  where delivery.state = 'parked'
    ${after === null ? sql`` : sql`and (delivery.position, delivery.channel) > (${after.position}::bigint, ${after.channel}::text)`}
  order by delivery.position, delivery.channel limit ${limit}::integer`

const parkedOf = (row: Row & ParkedColumns): ParkedDelivery => ({
  channel: row.channel,
  event: readRow(outboxEvents, row),
  attempts: Number(row.attempts),
  lastError: row.last_error,
  place: { position: Number(row.place), channel: row.channel },
})

// `on conflict do nothing`: the event of a parked replay was delivered once already, and its first receipt stays.
const removal = (selection: ParkedSelection, limit: number, now: Date): SQL => sql`
  with discarded as (
    delete from outbox_deliveries where (user_id, version, channel) in (
      select delivery.user_id, delivery.version, delivery.channel from outbox_deliveries delivery
      where ${parked(selection)}
      limit ${limit}::integer for update
    )
    returning day, user_id, version, channel, attempts, last_error
  ),
  recorded as (
    insert into outbox_acks (day, user_id, version, channel, outcome, duplicate, attempts, acked_at, last_error)
    select day, user_id, version, channel, 'discarded', false, attempts, ${instant(now)}, last_error from discarded
    on conflict do nothing
  )
  select count(*) from discarded`
