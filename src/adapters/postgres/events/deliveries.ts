import type { SQL } from 'drizzle-orm'
import { getTableColumns, sql } from 'drizzle-orm'
import { LONGEST_WAIT_SECONDS } from '../../../domain/events/back-off.ts'
import type { ShardLease } from '../../../domain/events/shard-lease.ts'
import type { Channel } from '../../../domain/events/user-event.ts'
import { sendsNewestOnly } from '../../../domain/events/user-event.ts'
import type {
  Acknowledgement,
  Deliveries,
  Delivery,
  DueQuery,
} from '../../../ports/driven/events/deliveries.ts'
import type { Database } from '../driver/database.ts'
import { attempt } from '../driver/faults.ts'
import { prepareStatement } from '../driver/prepared-statement.ts'
import type { Element, Row } from '../driver/rows.ts'
import { arrayText, instant, readRow, rowsOf } from '../driver/rows.ts'
import { outboxEvents } from '../driver/tables.ts'
import { EVENTS_LEAD, STANDBY_GOES } from './channel-routing.ts'
import { CLOCKS_DIFFER_SECONDS } from './delivery-audit.ts'

/**
 * The outbox of one database. `backendChannel` is the event channel that Backend follows: its acknowledgement removes the
 * HTTP delivery that is on standby for the same event. Null where there is no standby.
 */
export const makeDeliveries = (
  { db }: Database,
  backendChannel: Channel | null = null,
): Deliveries => {
  const run = async <Columns>(statement: SQL) =>
    rowsOf<Columns>(await attempt(db.execute(statement)))
  const changed = async (statement: SQL) => (await run(statement)).length > 0
  const acknowledge = prepareStatement<AcknowledgementValues>(() => acknowledgement(backendChannel))
  return {
    due: async (query) => (await run<DueColumns>(due(query))).map(deliveryOf),
    acknowledge: async (batch) => {
      if (batch.length > 0) await run(acknowledge(acknowledgementValues(batch)))
    },
    retryAt: (delivery, lease, at, error) =>
      changed(afterFailure(delivery, lease, error, sql`next_attempt_at = ${instant(at)}`)),
    park: (delivery, lease, error) =>
      changed(afterFailure(delivery, lease, error, sql`state = 'parked'`)),
    backlog: async (channel) => {
      const [row] = await run<BacklogColumns>(backlog(channel))
      const oldest = row?.oldest_ms ?? null
      return {
        pending: Number(row?.pending),
        parked: Number(row?.parked),
        oldestPendingAt: oldest === null ? null : new Date(Number(oldest)),
      }
    },
  }
}

type DueColumns = {
  readonly channel: Channel
  readonly attempts: number
  readonly replay_id: string | null
}
type BacklogColumns = Readonly<Record<'pending' | 'parked' | 'oldest_ms', unknown>>

const deliveryOf = (row: Row & DueColumns): Delivery => ({
  channel: row.channel,
  attempts: row.attempts,
  replayId: row.replay_id,
  event: readRow(outboxEvents, row),
})

type DueValues = {
  readonly channel: Channel
  readonly now: string
  readonly shards: string
  readonly except: string
  readonly limit: number
}

const due = ({ channel, now, shards, except, limit }: DueQuery): SQL => {
  const statement = channel === 'http:backend' ? dueCalls : dueEvents
  return statement({
    channel,
    now: now.toISOString(),
    shards: arrayText(shards),
    except: arrayText(except),
    limit,
  })
}

// What may be sent now. Only HTTP deliveries can be on standby. Each of the two conditions has an index of its own.
const PENDING = sql`state = 'pending'`
const ON_STANDBY = sql`state = 'standby' and ${STANDBY_GOES}`

const dueEvents = prepareStatement<DueValues>(() => dueOf([PENDING]))
const dueCalls = prepareStatement<DueValues>(() => dueOf([PENDING, ON_STANDBY]))

// Positions are taken under the lock of the user's row, so they order the versions of each user. `materialized` makes each
// step read few rows from an index, in this order, even when the planner's statistics know nothing of a new backlog yet.
const dueOf = (enqueued: readonly SQL[]): SQL => sql`
  with waiting as materialized (
    select user_id, min(version) as version from (${unionOf(enqueued.map(waiting))}) waits
    group by user_id
  ),
  due as materialized (
    select * from (${unionOf(enqueued.map(oldest))}) oldest
    order by position
    limit ${sql.placeholder('limit')}::integer
  )
  select event.*, due.channel, due.attempts, due.replay_id
  from due cross join lateral (
    select ${EVENT_COLUMNS} from outbox_events
    where user_id = due.user_id and version = due.version and day = due.day
    limit 1
  ) event
  order by due.position`

const unionOf = (parts: readonly SQL[]): SQL =>
  sql.join(
    parts.map((part) => sql`(${part})`),
    sql` union all `,
  )

const waiting = (isEnqueued: SQL): SQL => sql`
  select user_id, version from outbox_deliveries
  where channel = ${sql.placeholder('channel')}::text and ${isEnqueued}
    and next_attempt_at > ${sql.placeholder('now')}::text::timestamptz
    and next_attempt_at <= ${sql.placeholder('now')}::text::timestamptz
      + make_interval(secs => ${sql.raw(String(LONGEST_WAIT_SECONDS))})`

const oldest = (isEnqueued: SQL): SQL => sql`
  select * from outbox_deliveries delivery
  where channel = ${sql.placeholder('channel')}::text and ${isEnqueued}
    and shard = any (${sql.placeholder('shards')}::text::smallint[])
    and user_id not in (select unnest(${sql.placeholder('except')}::text::uuid[]))
    and not exists (
      select from waiting where waiting.user_id = delivery.user_id and waiting.version <= delivery.version
    )
  order by position
  limit ${sql.placeholder('limit')}::integer`

const EVENT_COLUMNS = sql.join(Object.values(getTableColumns(outboxEvents)), sql`, `)

// The receipt of the last replay counts. A late receipt of what was sent before a replay does not count for the replay. An
// event that was delivered once stays delivered when a replay of it is superseded.
const acknowledgement = (backendChannel: Channel | null): SQL => sql`
  with acknowledged as (
    select distinct on (user_id, version, channel, replay_id) *
    from unnest(
      ${sql.placeholder('userIds')}::text::uuid[],
      ${sql.placeholder('versions')}::text::bigint[],
      ${sql.placeholder('channels')}::text::text[],
      ${sql.placeholder('replayIds')}::text::uuid[],
      ${sql.placeholder('streams')}::text::text[],
      ${sql.placeholder('sequences')}::text::bigint[],
      ${sql.placeholder('duplicates')}::text::boolean[],
      ${sql.placeholder('instants')}::text::timestamptz[],
      ${sql.placeholder('oldestSettled')}::text::bigint[]
    ) as receipt (user_id, version, channel, replay_id, stream, sequence, duplicate, at, oldest)
  ),
  done as (
    delete from outbox_deliveries delivery using acknowledged
    where delivery.user_id = acknowledged.user_id and delivery.channel = acknowledged.channel
      and delivery.version between acknowledged.oldest and acknowledged.version
      and (delivery.version < acknowledged.version or delivery.replay_id is not distinct from acknowledged.replay_id)
    returning delivery.day, delivery.version, delivery.attempts, acknowledged.version = delivery.version as was_sent,
      acknowledged.user_id, acknowledged.channel, delivery.replay_id, stream, sequence, duplicate, ${ACKNOWLEDGED_AT} as at
  )${backendChannel === null ? sql`` : withoutStandby(backendChannel)}
  insert into outbox_acks (day, user_id, version, channel, outcome, replayed, stream, sequence, duplicate, attempts, acked_at)
  select day, user_id, version, channel, case when was_sent then 'delivered' else 'superseded' end,
    replay_id is not null, stream, sequence, duplicate and was_sent, attempts + was_sent::integer, at from done
  on conflict (user_id, version, channel, day) do update set outcome = excluded.outcome,
    replayed = excluded.replayed, stream = excluded.stream,
    sequence = excluded.sequence, duplicate = excluded.duplicate, attempts = excluded.attempts,
    acked_at = excluded.acked_at, last_error = null
  where excluded.outcome = 'delivered' or outbox_acks.outcome = 'discarded'`

// The instance knows best when the answer came, but its clock may be wrong. The auditor orders the acknowledgements of all
// instances by these instants, so two of them may differ by no more than it allows for [PR1].
const ACKNOWLEDGED_AT = sql`
  case when abs(extract(epoch from acknowledged.at - clock_timestamp())) < ${sql.raw(String(CLOCKS_DIFFER_SECONDS / 2))}
    then acknowledged.at else date_trunc('milliseconds', clock_timestamp()) end`

// Where a channel sends the newest version only, all versions before it are settled too. It is a range of versions, so that
// one index scan finds even a long backlog.
const oldestSettled = ({ delivery: { channel, event } }: Acknowledgement): number =>
  sendsNewestOnly(channel) ? 0 : event.version

const withoutStandby = (backendChannel: Channel): SQL => sql`,
  needless as (
    delete from outbox_deliveries spare using acknowledged
    where spare.user_id = acknowledged.user_id and spare.version = acknowledged.version
      and acknowledged.channel = ${backendChannel}::text
      and spare.channel = 'http:backend' and spare.state = 'standby' and ${EVENTS_LEAD}
  )`

type AcknowledgementValues = ReturnType<typeof acknowledgementValues>

const acknowledgementValues = (batch: readonly Acknowledgement[]) => {
  const column = (pick: (acknowledgement: Acknowledgement) => Element) => arrayText(batch.map(pick))
  return {
    userIds: column(({ delivery }) => delivery.event.userId),
    versions: column(({ delivery }) => delivery.event.version),
    channels: column(({ delivery }) => delivery.channel),
    replayIds: column(({ delivery }) => delivery.replayId),
    streams: column(({ receipt }) => receipt.stream),
    sequences: column(({ receipt }) => receipt.sequence),
    duplicates: column(({ receipt }) => receipt.duplicate),
    instants: column(({ at }) => at.toISOString()),
    oldestSettled: column(oldestSettled),
  }
}

// Fenced by the epoch: the present owner of the shard may have tried in the meantime, and only its result counts.
const afterFailure = (
  { event, channel }: Delivery,
  { shard, epoch }: ShardLease,
  error: string,
  change: SQL,
): SQL => sql`
  update outbox_deliveries
  set attempts = attempts + 1, last_error = left(${error}::text, ${ERROR_LENGTH}::integer), ${change}
  where user_id = ${event.userId}::uuid and version = ${event.version}::bigint
    and channel = ${channel}::text and state <> 'parked'
    and exists (select from relay_leases where shard = ${shard}::smallint and epoch = ${epoch}::bigint)
  returning 1`

const ERROR_LENGTH = 500

const backlog = (channel: Channel): SQL => sql`
  select count(*) filter (where delivery.state = 'pending') as pending,
    count(*) filter (where delivery.state = 'parked') as parked,
    (
      select extract(epoch from event.occurred_at) * 1000 from outbox_deliveries oldest
      join outbox_events event on event.user_id = oldest.user_id and event.version = oldest.version
        and event.day = oldest.day
      where oldest.channel = ${channel}::text and oldest.state = 'pending' and oldest.replay_id is null
      order by oldest.position limit 1
    ) as oldest_ms
  from outbox_deliveries delivery where delivery.channel = ${channel}::text`
