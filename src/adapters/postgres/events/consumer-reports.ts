import type { SQL } from 'drizzle-orm'
import { sql } from 'drizzle-orm'
import type {
  ConsumerPosition,
  ConsumerReports,
} from '../../../ports/driven/events/event-consumers.ts'
import type { Database } from '../driver/database.ts'
import { attempt } from '../driver/faults.ts'
import { rowsOf } from '../driver/rows.ts'

/** The consumers as last seen, in one database. The age of an unacknowledged message is the age of its receipt in the ledger. */
export const makeConsumerReports = ({ db }: Database, stream: string): ConsumerReports => ({
  note: async (positions) => {
    await attempt(db.execute(upsert(positions)))
  },
  latest: async () => {
    const rows = rowsOf<ReportColumns>(await attempt(db.execute(latest(stream))))
    return rows.length === 0 ? null : rows.flatMap(reportOf)
  },
})

type ReportColumns = { readonly report: ConsumerPosition | null; readonly age: unknown }

const reportOf = ({ report, age }: ReportColumns) => {
  if (report === null) return []
  const { acknowledgedUpTo: _, ...shown } = report
  return [{ ...shown, oldestUnackedSeconds: age === null ? null : Math.max(0, Number(age)) }]
}

const upsert = (positions: readonly ConsumerPosition[]): SQL => sql`
  insert into event_consumers (reports, seen_at) values (${JSON.stringify(positions)}::text::jsonb, clock_timestamp())
  on conflict (only_row) do update set reports = excluded.reports, seen_at = excluded.seen_at`

// One row without a report when the stream has no consumer.
const latest = (stream: string): SQL => sql`
  select report, (
    select extract(epoch from clock_timestamp() - ack.acked_at) from outbox_acks ack
    where ack.stream = ${stream}::text and ack.sequence > (report ->> 'acknowledgedUpTo')::bigint
      and (report ->> 'pending')::bigint + (report ->> 'ackPending')::bigint > 0
      and ack.channel = any (select 'nats:' || unnest(string_to_array(report ->> 'subject', ',')))
    order by ack.sequence limit 1
  ) as age
  from event_consumers left join lateral jsonb_array_elements(reports) as report on true
  order by report ->> 'name'`
