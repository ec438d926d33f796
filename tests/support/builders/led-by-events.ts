import { randomUUID } from 'node:crypto'
import type { FollowingBackend } from '../fakes/following-backend.ts'
import type { Person } from '../processes/steady-load.ts'
import type { Site } from './given-site.ts'
import { reckonedBucket } from './reckoned-bucket.ts'

/** Who of them has a change that was made in this epoch. */
export const changedIn = async ({ sql }: Site, epoch: number): Promise<ReadonlySet<string>> => {
  const rows = await sql<{ id: string }[]>`
    select distinct user_id::text as id from outbox_events where route_epoch = ${epoch}`
  return new Set(rows.map(({ id }) => id))
}

/**
 * Whose changes of one epoch the events leg led, as the ledger and its receipts show once nothing is owed any more: what
 * was to be called has a receipt of the call, also where a newer call made it needless.
 */
export const ledByEvents = async ({ sql }: Site, epoch: number): Promise<readonly Change[]> => sql<
  Change[]
>`
  select user_id::text as id, version::integer as version from outbox_events event
  where route_epoch = ${epoch} and not exists (
    select from outbox_acks ack where ack.channel = 'http:backend'
      and ack.user_id = event.user_id and ack.version = event.version)
  order by id, version`

type Change = { readonly id: string; readonly version: number }

export const usersOf = (changes: readonly Change[]): readonly string[] => [
  ...new Set(changes.map(({ id }) => id)),
]

/** Those of the changes that Backend was called for. */
export const calledAmong = (
  changes: readonly Change[],
  { arrivals }: FollowingBackend,
): readonly Change[] => {
  const calls = arrivals.filter(({ leg }) => leg === 'call')
  const called = new Set(calls.map(({ id, version }) => `${id} ${version}`))
  return changes.filter(({ id, version }) => called.has(`${id} ${version}`))
}

/**
 * Deals a few people so that each percentage takes somebody more, and the largest not everybody: with a salt as it comes
 * most often nobody of a dozen is among the first hundredth.
 */
export const dealtAcross = async (
  { sql }: Site,
  people: readonly Person[],
  percents: readonly number[],
): Promise<void> => {
  const sizes = (salt: string) => {
    const places = people.map(({ id }) => reckonedBucket(salt, id))
    return percents.map((percent) => places.filter((place) => place < percent * 100).length)
  }
  let salt = randomUUID()
  while (![0, ...sizes(salt), people.length].every(isMoreThanBefore)) salt = randomUUID()
  await sql`update sync_mode set salt = ${salt}`
}

const isMoreThanBefore = (size: number, place: number, all: readonly number[]): boolean =>
  place === 0 || size > (all[place - 1] ?? 0)
