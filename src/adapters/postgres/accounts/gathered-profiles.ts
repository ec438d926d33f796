import { sql } from 'drizzle-orm'
import type { PublishedField, PublishedState, User } from '../../../domain/accounts/user.ts'
import { changedFields, publishedState } from '../../../domain/accounts/user.ts'
import type { Announcement } from '../../../domain/events/user-event.ts'
import { shardOf } from '../../../domain/events/user-event.ts'
import { ok } from '../../../domain/shared/result.ts'
import type { Users } from '../../../ports/driven/accounts/users.ts'
import type { Handle } from '../driver/database.ts'
import { attempt } from '../driver/faults.ts'
import { gather } from '../driver/gather.ts'
import { prepareStatement } from '../driver/prepared-statement.ts'
import type { Element } from '../driver/rows.ts'
import { arrayText, readRow, rowsOf } from '../driver/rows.ts'
import { userOf, users } from '../driver/tables.ts'
import type { AnnouncedColumns } from '../events/outbox.ts'
import { announcedChanges, committedEvent, LATER_INSTANT } from '../events/outbox.ts'
import type { UsersNeeds } from './users.ts'

/** What a profile consists of beside names that are unique. Writing it violates no constraint. */
const PROFILE: readonly PublishedField[] = ['displayName', 'avatar']

/** The change of one profile. */
type Change = {
  readonly before: User
  readonly after: PublishedState
  readonly changed: readonly PublishedField[]
  readonly announcement: Announcement
}

const EVERY_MS = 15
const BUSY_RATE = 1000
const GAP_MS = 3
const MOST = 64
const AT_ONCE = 2
const WAITING = 256

/**
 * Users outside a transaction. Changes of display names and avatars that arrive within a few milliseconds are written by one statement: it
 * costs little more than the statement of one change, and it is one commit. What it could not write is written by a
 * statement of its own, which says why: the user has another version, or is locked.
 *
 * It takes part in no deadlock. It locks the row of the mode first, as every change does, and holds no user while it waits
 * for that. Then it locks the users' rows, and leaves out each that somebody else has locked. So it waits for no
 * user, and whoever holds a user does not hold up the changes of others. The rows that it inserts have the keys of users
 * that it has locked, so no other transaction can be inserting them.
 */
export const gatheringProfiles = (own: Users, db: Handle, needs: UsersNeeds): Users => {
  const statement = prepareStatement<ReturnType<typeof valuesOf>>(() =>
    announcedChanges(needs.channels, CHANGE_PROFILES),
  )

  /** Null for each change that was not written. */
  const run = async (changes: readonly Change[]): Promise<readonly (User | null)[]> => {
    // Two changes of one user are two statements, because each needs a version of its own.
    const firstOf = new Map(changes.toReversed().map((change) => [change.before.id, change]))
    const together = [...firstOf.values()]
    // Nothing to gather. A single change has a cheaper statement.
    if (together.length === 1) return changes.map(() => null)
    const begunAt = needs.monotonic()
    const answer = await needs.withPartition(() =>
      attempt(db.execute(statement(valuesOf(together)))),
    )
    const written = new Map<Change, User>()
    for (const row of rowsOf<AnnouncedColumns>(answer)) {
      const user = userOf(readRow(users, row))
      const change = firstOf.get(user.id)
      if (change === undefined) throw new Error('the statement wrote a user that nobody named')
      const { announcement, changed } = change
      const event = { ...announcement, userId: user.id, action: 'updated', changed } as const
      needs.announced(committedEvent(event, user, row, begunAt))
      written.set(change, user)
    }
    return changes.map((change) => written.get(change) ?? null)
  }

  const writeTogether = gather({
    run,
    everyMs: EVERY_MS,
    busyRate: BUSY_RATE,
    gapMs: GAP_MS,
    most: MOST,
    atOnce: AT_ONCE,
    waiting: WAITING,
  })

  return {
    ...own,
    update: async (before, after, changed, forms, announcement) => {
      const written = isProfile(before, after)
        ? await writeTogether({ before, after, changed, announcement })
        : null
      return written === null
        ? own.update(before, after, changed, forms, announcement)
        : ok(written)
    },
  }
}

const isProfile = (before: User, after: PublishedState): boolean =>
  changedFields(publishedState(before), after).every((field) => PROFILE.includes(field))

// `free` reads `route`, so the row of the mode is locked before any user.
const INPUT = sql`
  input as materialized (
    select * from unnest(
      ${sql.placeholder('ids')}::text::uuid[],
      ${sql.placeholder('versions')}::text::bigint[],
      ${sql.placeholder('displayNames')}::text::text[],
      ${sql.placeholder('avatars')}::text::text[],
      ${sql.placeholder('eventIds')}::text::uuid[],
      ${sql.placeholder('shards')}::text::smallint[],
      ${sql.placeholder('changed')}::text::text[],
      ${sql.placeholder('traceparents')}::text::text[]
    ) as change (id, version, display_name, avatar, event_id, shard, changed, traceparent)
  ),
  free as materialized (
    select users.id from route cross join input
      join users on users.id = input.id and users.version = input.version
    for no key update of users skip locked
  ),`

const UPDATE_PROFILES = sql`
  update users set version = users.version + 1, display_name = input.display_name, avatar = input.avatar,
    updated_at = ${LATER_INSTANT}, event_id = input.event_id
  from free join input on input.id = free.id, route
  where users.id = free.id and users.version = input.version
  returning users.*, users.version as event_version, users.updated_at as occurred_at,
    input.shard, input.changed, input.traceparent`

const CHANGE_PROFILES = {
  before: INPUT,
  change: UPDATE_PROFILES,
  event: {
    eventId: sql`saved.event_id`,
    shard: sql`saved.shard`,
    action: sql`'updated'`,
    changed: sql`saved.changed::text[]`,
    traceparent: sql`saved.traceparent`,
  },
}

const valuesOf = (changes: readonly Change[]) => {
  const column = (pick: (change: Change) => Element) => arrayText(changes.map(pick))
  return {
    ids: column(({ before }) => before.id),
    versions: column(({ before }) => before.version),
    displayNames: column(({ after }) => after.displayName),
    avatars: column(({ after }) => after.avatar),
    eventIds: column(({ announcement }) => announcement.eventId),
    shards: column(({ before }) => shardOf(before.id)),
    changed: column(({ changed }) => arrayText(changed)),
    traceparents: column(({ announcement }) => announcement.traceparent),
  }
}
