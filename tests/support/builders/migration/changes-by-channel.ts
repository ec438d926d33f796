import { createHash, randomUUID } from 'node:crypto'
import type { FollowingBackend, ReceivedChange } from '../../fakes/migration/following-backend.ts'
import type { Person } from '../../processes/service/steady-load.ts'
import type { Site } from '../service/given-site.ts'

/** The users with a change that was made in this epoch. */
export const usersChangedIn = async (
  { sql }: Site,
  epoch: number,
): Promise<ReadonlySet<string>> => {
  const rows = await sql<{ id: string }[]>`
    select distinct user_id::text as id from outbox_events where route_epoch = ${epoch}`
  return new Set(rows.map(({ id }) => id))
}

/**
 * The changes of one epoch for which Backend followed events. To be called when no delivery waits any more: then each change that
 * was sent as an HTTP call has a receipt for it, also where a newer call made it unnecessary.
 */
export const changesFollowedAsEvents = async (
  { sql }: Site,
  epoch: number,
): Promise<readonly Change[]> => sql<Change[]>`
  select user_id::text as id, version::integer as version from outbox_events event
  where route_epoch = ${epoch} and not exists (
    select from outbox_acks ack where ack.channel = 'http:backend'
      and ack.user_id = event.user_id and ack.version = event.version)
  order by id, version`

type Change = { readonly id: string; readonly version: number }

export const usersOf = (changes: readonly Change[]): readonly string[] => [
  ...new Set(changes.map(({ id }) => id)),
]

/** Those of the changes that Backend received as an HTTP call. */
export const changesSentAsCalls = (
  changes: readonly Change[],
  { receivedChanges }: FollowingBackend,
): readonly Change[] => {
  const calls = receivedChanges.filter(({ channel }) => channel === 'call')
  const called = new Set(calls.map(({ id, version }) => `${id} ${version}`))
  return changes.filter(({ id, version }) => called.has(`${id} ${version}`))
}

/**
 * Chooses a salt by which each percentage takes at least one user more, and the largest not all of them. With a random salt,
 * most often none of a dozen users is in the first percent.
 */
export const spreadOverBuckets = async (
  { sql }: Site,
  people: readonly Person[],
  percents: readonly number[],
): Promise<void> => {
  const sizes = (salt: string) => {
    const places = people.map(({ id }) => expectedBucket(salt, id))
    return percents.map((percent) => places.filter((place) => place < percent * 100).length)
  }
  let salt = randomUUID()
  while (![0, ...sizes(salt), people.length].every(isMoreThanBefore)) salt = randomUUID()
  await sql`update sync_mode set salt = ${salt}`
}

const isMoreThanBefore = (size: number, place: number, all: readonly number[]): boolean =>
  place === 0 || size > (all[place - 1] ?? 0)

/**
 * The age in milliseconds that each change since `from` had when Backend first received it or a newer one of the same user. In
 * ascending order; infinite for a change that Backend never received.
 */
export const agesAtBackend = async (
  { sql }: Site,
  receivedChanges: readonly ReceivedChange[],
  from: Date,
): Promise<readonly number[]> => {
  const changes = await sql<{ id: string; version: number; at: Date }[]>`
    select user_id::text as id, version::integer as version, occurred_at as at
    from outbox_events where occurred_at >= ${from}`
  return changes
    .map(({ id, version, at }) => {
      const having = receivedChanges.filter((one) => one.id === id && one.version >= version)
      return Math.min(...having.map((one) => one.at)) - at.getTime()
    })
    .toSorted((one, other) => one - other)
}

/** The bucket of a user, from 0 to 9 999, computed without the service's code. */
export const expectedBucket = (salt: string, user: string): number =>
  createHash('sha256').update(`${salt}${user}`).digest().readUInt32BE() % 10_000
