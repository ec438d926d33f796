import { legBetween } from './legs-over-time.ts'
import type { Stage } from './stage.ts'

export type Outage = {
  readonly from: number
  readonly until: number
  /** From the kill to the first call that stood in. */
  readonly standInMs: number | null
  /** How old changes were when Backend had them by call, while events led. */
  readonly backend: Awaited<ReturnType<typeof legBetween>>
  /** From the return of NATS until the stream had everything that waited. */
  readonly drainedMs: number | null
  /** From the return until Social and Chat had everything of the outage. */
  readonly caughtUpMs: Readonly<Record<string, number | null>>
}

const EVENTS = 'nats:user.events'

/** What an outage of NATS meant for each consumer, from the service's receipts and what the consumers said. */
export const measureOutage = async (
  stage: Stage,
  { from, leftAt, until }: Record<'from' | 'leftAt' | 'until', number>,
): Promise<Outage> => {
  const { site, log } = stage
  const [row] = await site.sql`
    select
      min(extract(epoch from acked_at) * 1000) filter (where channel = 'http:backend' and acked_at > ${new Date(from)}) as stand_in,
      max(extract(epoch from acked_at) * 1000) filter (where channel = ${EVENTS} and occurred_at < ${new Date(until)}) as drained
    from outbox_acks join outbox_events using (user_id, version, day)
    where occurred_at between ${new Date(from)} and ${new Date(until)} and outcome = 'delivered'`
  const changed = await site.sql`
    select user_id::text as id, max(version)::integer as version from outbox_events
    where occurred_at between ${new Date(from)} and ${new Date(until)} group by 1`
  const caughtUp = (name: string): number | null => {
    const instants = changed.map(
      ({ id, version }) =>
        log.consumed.find(
          (one) => one.consumer === name && one.userId === id && one.version >= Number(version),
        )?.at ?? null,
    )
    return instants.includes(null) ? null : Math.max(0, ...instants.map((at) => (at ?? 0) - until))
  }
  const after = (value: unknown, since: number) =>
    value === null || value === undefined ? null : Number(value) - since
  return {
    ...{ from, until },
    standInMs: after(row?.['stand_in'], from),
    backend: await legBetween(stage, 'http:backend', from, leftAt),
    drainedMs: after(row?.['drained'], until),
    caughtUpMs: { social: caughtUp('social'), chat: caughtUp('chat') },
  }
}
