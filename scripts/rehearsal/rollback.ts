import type { Checked } from './check.ts'
import type { Stage } from './stage.ts'
import type { Switched } from './switch-mode.ts'

/** The way back that was commanded while NATS was dead; times in milliseconds from the start of the command. */
export type Rollback = Pick<Switched, 'command' | 'firstRouted'> & {
  /** What held before: nothing is gone back from when the guard was there first. */
  readonly from: string
  /** Until Backend had answered the first call about a change that was made after it. */
  readonly told: number | null
}

/** Null when the command was refused. */
export const measureRollback = async (
  { site }: Stage,
  switched: Switched | null,
): Promise<Rollback | null> => {
  if (switched === null) return null
  const { epoch, at, command, firstRouted } = switched
  const [before] = await site.sql`
    select mode from sync_history where epoch < ${epoch} order by epoch desc limit 1`
  const [first] = await site.sql`
    select min(extract(epoch from acked_at) * 1000) as at
    from outbox_acks join outbox_events using (user_id, version, day)
    where channel = 'http:backend' and outcome = 'delivered' and route_epoch = ${epoch}`
  const told = first?.['at'] ?? null
  return {
    ...{ command, firstRouted, from: String(before?.['mode']) },
    told: told === null ? null : Number(told) - at,
  }
}

const WITHIN_MS = 10_000

/** The promise that whoever goes back relies on, with the broker dead. */
export const checkRollback = (rollback: Rollback | null): Checked => {
  const what = 'going back from events while NATS is down: Backend has the next change within 10 s'
  if (rollback === null) return { what, found: 'the command was refused', holds: false }
  const { from, told } = rollback
  const found = `from ${from}, at Backend ${told === null ? 'never' : `after ${Math.round(told)} ms`}`
  return { what, found, holds: from === 'events' && told !== null && told < WITHIN_MS }
}
