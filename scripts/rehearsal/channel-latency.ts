import type { Installation } from './open-installation.ts'

/** The deliveries of one channel in one second. Times are milliseconds from the commit to the acknowledgement. */
export type ChannelSecond = {
  readonly channel: string
  /** The start of the second, in milliseconds since the epoch. */
  readonly at: number
  readonly count: number
  readonly p50: number
  readonly p95: number
}

/** The latency of each channel, second by second, from the acknowledgements that the service has recorded. */
export const latencyPerSecond = async ({
  site,
}: Installation): Promise<readonly ChannelSecond[]> => {
  const rows = await site.sql`
    select channel, extract(epoch from date_trunc('second', acked_at)) * 1000 as at, count(*)::integer as count,
      percentile_cont(0.5) within group (order by extract(epoch from acked_at - occurred_at)) * 1000 as p50,
      percentile_cont(0.95) within group (order by extract(epoch from acked_at - occurred_at)) * 1000 as p95
    from outbox_acks join outbox_events using (user_id, version, day)
    where outcome = 'delivered' and not replayed group by 1, 2 order by 2`
  return rows.map((row) => ({
    channel: String(row['channel']),
    at: Number(row['at']),
    count: Number(row['count']),
    p50: Math.max(0, Number(row['p50'])),
    p95: Math.max(0, Number(row['p95'])),
  }))
}

export type Latency = {
  readonly count: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
}

/** The latency of a channel for changes between two instants, in milliseconds. Null when nothing was delivered. */
export const latencyBetween = async (
  { site }: Installation,
  channel: string,
  from: number,
  until: number,
): Promise<Latency | null> => {
  const [row] = await site.sql`
    select count(*)::integer as count,
      percentile_cont(array[0.5, 0.95, 0.99]) within group (order by extract(epoch from acked_at - occurred_at) * 1000) as p
    from outbox_acks join outbox_events using (user_id, version, day)
    where channel = ${channel} and outcome = 'delivered' and not replayed
      and occurred_at between ${new Date(from)} and ${new Date(until)}`
  const [p50 = 0, p95 = 0, p99 = 0] = (row?.['p'] ?? []) as readonly number[]
  const count = Number(row?.['count'] ?? 0)
  if (count === 0) return null
  return { count, p50: Math.max(0, p50), p95: Math.max(0, p95), p99: Math.max(0, p99) }
}
