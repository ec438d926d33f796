import type { SQL } from 'drizzle-orm'
import { sql } from 'drizzle-orm'
import type { Channel } from '../../../domain/events/user-event.ts'
import type { UserId } from '../../../domain/shared/ids.ts'
import type {
  AcknowledgedDelivery,
  DeliveryAudit,
} from '../../../ports/driven/events/delivery-audit.ts'
import type { Database } from '../driver/database.ts'
import { attempt } from '../driver/faults.ts'
import { rowsOf } from '../driver/rows.ts'

const PAGE = 1000
/** Instances stamp acknowledgements by their own clocks. The stamps may differ this much. */
export const CLOCKS_DIFFER_SECONDS = 60

/** What one database records about a stream. */
export const makeDeliveryAudit = ({ db }: Database): DeliveryAudit => {
  const run = async <Columns>(statement: SQL) =>
    rowsOf<Columns>(await attempt(db.execute(statement)))
  return {
    remembered: async (stream) => {
      const [row] = await run<PositionColumns>(sql`
        select (extract(epoch from created_at) * 1000)::bigint as created_ms, first_sequence, last_sequence
        from stream_positions where stream = ${stream}::text`)
      return row === undefined
        ? null
        : {
            createdAt: new Date(Number(row.created_ms)),
            firstSequence: Number(row.first_sequence),
            lastSequence: Number(row.last_sequence),
          }
    },
    remember: async (stream, { createdAt, firstSequence, lastSequence }) => {
      await run(sql`
        insert into stream_positions (stream, created_at, first_sequence, last_sequence)
        values (${stream}::text, ${createdAt.toISOString()}::text::timestamptz, ${firstSequence}::bigint, ${lastSequence}::bigint)
        on conflict (stream) do update set created_at = excluded.created_at,
          first_sequence = excluded.first_sequence, last_sequence = excluded.last_sequence`)
    },
    acknowledgedWithin: async (stream, seconds) => {
      const [row] = await run<RangeColumns>(range(stream, seconds))
      return row === undefined
        ? null
        : {
            lowest: Number(row.lowest),
            highest: Number(row.highest),
            ranBackwards: row.ran_backwards === true,
          }
    },
    async *acknowledgements(stream, seconds) {
      let after: Cursor = { position: '0', channel: '' }
      for (;;) {
        const rows = await run<AcknowledgementColumns>(acknowledgements(stream, seconds, after))
        yield* rows.map(acknowledgedOf)
        const last = rows.at(-1)
        if (last === undefined) return
        after = { position: String(last.position), channel: last.channel }
      }
    },
    enqueueAgain: async (stream, missing) =>
      missing.length === 0 ? 0 : (await run(enqueueAgain(stream, missing))).length,
  }
}

type PositionColumns = Readonly<Record<'created_ms' | 'first_sequence' | 'last_sequence', unknown>>
type RangeColumns = Readonly<Record<'lowest' | 'highest' | 'ran_backwards', unknown>>
type AcknowledgementColumns = {
  readonly event_id: string
  readonly channel: Channel
  readonly user_id: UserId
  readonly version: unknown
  readonly position: unknown
}
type Cursor = { readonly position: string; readonly channel: string }

const acknowledgedOf = (row: AcknowledgementColumns): AcknowledgedDelivery => ({
  channel: row.channel,
  userId: row.user_id,
  version: Number(row.version),
  messageId: `${row.event_id}:${row.channel}`,
})

// `now()` does not change during a statement, so that an index on the instants can be used.
const secondsAgo = (seconds: number): SQL => sql`now() - make_interval(secs => ${seconds}::integer)`

// No row when nothing was acknowledged. The lowest sequence is among the first ones, if the clocks of the instances agree.
const range = (stream: string, seconds: number): SQL => sql`
  with recent as (
    select sequence from outbox_acks where stream = ${stream}::text and acked_at > ${secondsAgo(seconds)}
    order by acked_at limit ${PAGE}::integer
  ),
  top as (
    select sequence, acked_at from outbox_acks where stream = ${stream}::text and acked_at > ${secondsAgo(seconds)}
    order by sequence desc limit 1
  )
  select (select min(sequence) from recent) as lowest, top.sequence as highest,
    exists (
      select from outbox_acks later where later.stream = ${stream}::text and not later.duplicate
        and later.acked_at > top.acked_at + make_interval(secs => ${CLOCKS_DIFFER_SECONDS}::integer)
    ) as ran_backwards
  from top`

const acknowledgements = (stream: string, seconds: number, after: Cursor): SQL => sql`
  select event.event_id, ack.channel, event.user_id, event.version, event.position
  from outbox_events event
  join outbox_acks ack on ack.user_id = event.user_id and ack.version = event.version and ack.day = event.day
  where ack.stream = ${stream}::text and ack.acked_at > ${secondsAgo(seconds)}
    and (event.position, ack.channel) > (${after.position}::text::bigint, ${after.channel}::text)
  order by event.position, ack.channel
  limit ${PAGE}::integer`

// Removes the acknowledgements and puts the deliveries back, which the acknowledgements had removed.
const enqueueAgain = (stream: string, missing: readonly AcknowledgedDelivery[]): SQL => sql`
  with missing as (
    select * from jsonb_to_recordset(${JSON.stringify(missing)}::text::jsonb)
      as missing ("userId" uuid, version bigint, channel text)
  ),
  undone as (
    delete from outbox_acks ack using missing
    where ack.user_id = missing."userId" and ack.version = missing.version and ack.channel = missing.channel
      and ack.stream = ${stream}::text
    returning ack.user_id, ack.version, ack.day, ack.channel
  )
  insert into outbox_deliveries (user_id, version, channel, event_id, day, shard, position)
  select event.user_id, event.version, undone.channel, event.event_id, event.day, event.shard, event.position
  from undone
  join outbox_events event on event.user_id = undone.user_id and event.version = undone.version
    and event.day = undone.day
  on conflict do nothing
  returning 1`
