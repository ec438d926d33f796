import type { Latency } from './channel-latency.ts'
import { latencyBetween } from './channel-latency.ts'
import type { Installation } from './open-installation.ts'
import type { CheckResult } from './run-final-checks.ts'
import type { ModeSwitch } from './switch-mode.ts'

/** What an outage of NATS meant for the consumers. Instants and times are in milliseconds. */
export type Outage = {
  readonly from: number
  readonly until: number
  /** From the kill of NATS to the first HTTP call that stood in for an event. */
  readonly standInMs: number | null
  /** The age of changes when Backend received them by HTTP call, while the mode was still `events`. */
  readonly backend: Latency | null
  /** From the restart of NATS until the stream had every event that waited. */
  readonly drainedMs: number | null
  /** From the restart of NATS until Social and Chat had every event of the outage. */
  readonly caughtUpMs: Readonly<Record<string, number | null>>
}

const EVENT_CHANNEL = 'nats:user.events'

/** Measures an outage from the recorded acknowledgements and from what the consumers printed. */
export const measureOutage = async (
  installation: Installation,
  { from, leftAt, until }: Record<'from' | 'leftAt' | 'until', number>,
): Promise<Outage> => {
  const { site, handledEvents } = installation
  const [row] = await site.sql`
    select
      min(extract(epoch from acked_at) * 1000) filter (where channel = 'http:backend' and acked_at > ${new Date(from)}) as stand_in,
      max(extract(epoch from acked_at) * 1000) filter (where channel = ${EVENT_CHANNEL} and occurred_at < ${new Date(until)}) as drained
    from outbox_acks join outbox_events using (user_id, version, day)
    where occurred_at between ${new Date(from)} and ${new Date(until)} and outcome = 'delivered'`
  const changed = await site.sql`
    select user_id::text as id, max(version)::integer as version from outbox_events
    where occurred_at between ${new Date(from)} and ${new Date(until)} group by 1`
  const caughtUp = (name: string): number | null => {
    const instants = changed.map(
      ({ id, version }) =>
        handledEvents.handled.find(
          (one) => one.consumer === name && one.userId === id && one.version >= Number(version),
        )?.at ?? null,
    )
    return instants.includes(null) ? null : Math.max(0, ...instants.map((at) => (at ?? 0) - until))
  }
  const since = (value: unknown, start: number) =>
    value === null || value === undefined ? null : Number(value) - start
  return {
    from,
    until,
    standInMs: since(row?.['stand_in'], from),
    backend: await latencyBetween(installation, 'http:backend', from, leftAt),
    drainedMs: since(row?.['drained'], until),
    caughtUpMs: { social: caughtUp('social'), chat: caughtUp('chat') },
  }
}

/** The command to go back while NATS was down. Times are milliseconds from the start of the command. */
export type Rollback = Pick<ModeSwitch, 'command' | 'firstRouted'> & {
  /** The mode before the command. It is not `events` when the rollout guard has stepped back first. */
  readonly from: string
  /** Until Backend had answered the first call about a change that was made after the command. */
  readonly firstAtBackend: number | null
}

/** Null when the command was refused. */
export const measureRollback = async (
  { site }: Installation,
  modeSwitch: ModeSwitch | null,
): Promise<Rollback | null> => {
  if (modeSwitch === null) return null
  const { epoch, at, command, firstRouted } = modeSwitch
  const [before] = await site.sql`
    select mode from sync_history where epoch < ${epoch} order by epoch desc limit 1`
  const [first] = await site.sql`
    select min(extract(epoch from acked_at) * 1000) as at
    from outbox_acks join outbox_events using (user_id, version, day)
    where channel = 'http:backend' and outcome = 'delivered' and route_epoch = ${epoch}`
  const acknowledgedAt = first?.['at'] ?? null
  return {
    command,
    firstRouted,
    from: String(before?.['mode']),
    firstAtBackend: acknowledgedAt === null ? null : Number(acknowledgedAt) - at,
  }
}

const ROLLBACK_LIMIT_MS = 10_000

/** Checks the promise that an operator relies on when they go back while the broker is down. */
export const checkRollback = (rollback: Rollback | null): CheckResult => {
  const what = 'going back from events while NATS is down: Backend has the next change within 10 s'
  if (rollback === null) return { what, found: 'the command was refused', holds: false }
  const { from, firstAtBackend } = rollback
  const when = firstAtBackend === null ? 'never' : `after ${Math.round(firstAtBackend)} ms`
  const holds = from === 'events' && firstAtBackend !== null && firstAtBackend < ROLLBACK_LIMIT_MS
  return { what, found: `from ${from}, at Backend ${when}`, holds }
}
