import type { Follower } from '../../fakes/events/follower.ts'
import { eventually } from '../../processes/timing/eventually.ts'
import type { Site } from '../service/given-site.ts'

/** Resolves once this consumer holds exactly the users of the database, at their versions, and nobody else. */
export const converged = (
  follower: Pick<Follower, 'users'>,
  sql: Site['sql'],
  seconds: number,
): Promise<void> =>
  eventually('the consumer holds what the database does', seconds, async () => {
    const rows = await sql<Row[]>`
      select id, version::int, event_id, username, display_name, role, is_active from users order by id`
    const wanted = rows.map((row) => JSON.stringify(row))
    const present = [...follower.users]
      .filter(([, { data }]) => data !== null)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([id, { version, eventId, data }]) => JSON.stringify(rowOf(id, version, eventId, data)))
    const differs = wanted.findIndex((row, index) => row !== present[index])
    if (wanted.length !== present.length || differs >= 0)
      throw new Error(
        `${present.length} of ${wanted.length}; ${wanted[differs]} is ${present[differs]} there`,
      )
  })

type Row = Readonly<Record<string, unknown>>
type Data = Parameters<(typeof Object)['entries']>[0]

const rowOf = (id: string, version: number, eventId: string, data: Data | null): Row => {
  const { username, displayName, role, isActive }: Row = { ...data }
  return {
    ...{ id, version, event_id: eventId, username },
    ...{ display_name: displayName, role, is_active: isActive },
  }
}
