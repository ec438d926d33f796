import type { Arrival } from '../fakes/following-backend.ts'
import type { Site } from './given-site.ts'

/**
 * How old each change that was committed from then on was when Backend first had it or something newer of the same user,
 * in milliseconds, the youngest first; infinite where it has neither.
 */
export const agesAtBackend = async (
  { sql }: Site,
  arrivals: readonly Arrival[],
  from: Date,
): Promise<readonly number[]> => {
  const changes = await sql<{ id: string; version: number; at: Date }[]>`
    select user_id::text as id, version::integer as version, occurred_at as at
    from outbox_events where occurred_at >= ${from}`
  return changes
    .map(({ id, version, at }) => {
      const having = arrivals.filter((one) => one.id === id && one.version >= version)
      return Math.min(...having.map((one) => one.at)) - at.getTime()
    })
    .toSorted((one, other) => one - other)
}
