import type { SQL } from 'drizzle-orm'
import { eq, getTableColumns, sql } from 'drizzle-orm'
import type { Identifier } from '../../../domain/accounts/identifier.ts'
import type { PublishedState, User } from '../../../domain/accounts/user.ts'
import type { Announcement, Channel } from '../../../domain/events/user-event.ts'
import type { UserId } from '../../../domain/shared/ids.ts'
import type { Result } from '../../../domain/shared/result.ts'
import { fail, ok } from '../../../domain/shared/result.ts'
import type { NameConflict, UsernameForms, Users } from '../../../ports/driven/accounts/users.ts'
import type { Handle } from '../driver/database.ts'
import { attempt, violatedUniqueness } from '../driver/faults.ts'
import { readRow, rowsOf } from '../driver/rows.ts'
import { userOf, users } from '../driver/tables.ts'
import type { ChangeEvent } from '../events/outbox.ts'
import { announcedChange, LATER_INSTANT } from '../events/outbox.ts'
import { raisedFor } from '../passwords/revocations.ts'

export type UsersNeeds = {
  /** The channels that deliver events. */
  readonly channels: readonly Channel[]
  /** Called after each statement that wrote an event. Inside a transaction it is not committed yet. */
  readonly announced: () => void
  /** Called when an email address or a username was taken. The transaction can only be rolled back then. */
  readonly conflicted: () => void
  /** Runs the statement of a change, and decides what happens when the ledger has no partition for it. */
  readonly withPartition: <T>(run: () => Promise<T>) => Promise<T>
}

export const makeUsers = (db: Handle, needs: UsersNeeds): Users => {
  const insert = makeInsertUser(db, needs)
  const change = makeChange(db, needs)
  let byId: ReturnType<typeof preparedById> | undefined
  return {
    find: async (id) => {
      byId ??= preparedById(db)
      const [user] = await attempt(byId.execute({ id }))
      return user ?? null
    },
    byIdentifier: async (identifier) => {
      const [row] = await attempt(db.select().from(users).where(hasIdentifier(identifier)))
      return row === undefined ? null : userOf(row)
    },
    insert: (id, state, forms, announcement) => insert({ id, state, forms, announcement }),
    update: async ({ id: userId, version, isActive }, after, changed, forms, announcement) => {
      const event = { ...announcement, userId, action: 'updated', changed } as const
      const more = isActive && !after.isActive ? REVOKED : undefined
      const saved = await change(updateUser(userId, version, after, forms), event, more)
      if (!saved.ok) return saved
      return saved.value === null ? fail({ kind: 'stale' }) : ok(saved.value)
    },
    remove: async ({ id: userId, version }, announcement) => {
      const event = { ...announcement, userId, action: 'deleted', changed: [] } as const
      const removed = await change(deleteUser(userId, version), event)
      return removed.ok && removed.value !== null ? ok(null) : fail({ kind: 'stale' })
    },
    lockActiveAdmins: async () => rowsOf(await attempt(db.execute(LOCK_ACTIVE_ADMINS))).length,
  }
}

const { usernameCanonical: _, usernameSkeleton: __, ...userColumns } = getTableColumns(users)

// Prepared once, at the first use: every request of a signed-in user may run it.
const preparedById = (db: Handle) =>
  db
    .select(userColumns)
    .from(users)
    .where(eq(users.id, sql.placeholder('id')))
    .prepare('user_by_id')

/** The condition that finds the user with this identifier. */
export const hasIdentifier = (identifier: Identifier): SQL =>
  identifier.kind === 'email'
    ? eq(users.email, identifier.email)
    : eq(users.usernameCanonical, identifier.canonical)

// In the order of their ids, so that two transactions cannot deadlock.
const LOCK_ACTIVE_ADMINS = sql`
  select id from users where role = 'admin' and is_active order by id for no key update`

type NewUser = {
  readonly id: UserId
  readonly state: PublishedState
  readonly forms: UsernameForms
  readonly announcement: Announcement
}

/** Stores version 1 of a user and announces `created`. `more` are queries in the same statement; see `announcedChange`. */
export const makeInsertUser = (db: Handle, needs: UsersNeeds) => {
  const change = makeChange(db, needs)
  return async (user: NewUser, more?: SQL): Promise<Result<User, NameConflict>> => {
    const event = {
      ...user.announcement,
      userId: user.id,
      action: 'created',
      changed: [],
    } as const
    const saved = await change(insertUser(user), event, more)
    if (!saved.ok) return saved
    if (saved.value === null) throw new Error('the table sync_mode has no row')
    return ok(saved.value)
  }
}

/** See `announcedChange`. The value is null when the statement found no row to write. */
const makeChange =
  (db: Handle, { channels, announced, conflicted, withPartition }: UsersNeeds) =>
  async (
    change: SQL,
    event: Omit<ChangeEvent, 'channels'>,
    more?: SQL,
  ): Promise<Result<User | null, NameConflict>> => {
    try {
      const statement = announcedChange(change, { ...event, channels }, more)
      const [row] = rowsOf(await withPartition(() => attempt(db.execute(statement))))
      if (row === undefined) return ok(null)
      announced()
      return ok(userOf(readRow(users, row)))
    } catch (error) {
      const conflict = NAME_CONFLICTS[violatedUniqueness(error) ?? '']
      if (conflict === undefined) throw error
      conflicted()
      return fail(conflict)
    }
  }

// A deactivated account keeps nothing that was granted before.
const REVOKED = sql`, revoked as (${raisedFor(sql`saved`)})`

const NAME_CONFLICTS: Readonly<Record<string, NameConflict>> = {
  users_email_key: { kind: 'email-taken' },
  users_username_key: { kind: 'username-taken' },
  users_skeleton_key: { kind: 'username-confusable' },
}

const insertUser = ({ id, state, forms }: NewUser): SQL => sql`
  insert into users (id, version, email, email_verified, username, username_canonical, username_skeleton,
    display_name, avatar, role, is_active, created_at, updated_at, event_id)
  select ${id}::uuid, 1, ${state.email}::text, ${state.emailVerified}::boolean, ${state.username}::text,
    ${forms.canonical}::text, ${forms.skeleton}::text, ${state.displayName}::text, ${state.avatar}::text,
    ${state.role}::text, ${state.isActive}::boolean, route.at, route.at, route.event_id
  from route
  returning users.*, version as event_version, updated_at as occurred_at`

const updateUser = (
  id: UserId,
  version: number,
  state: PublishedState,
  forms: UsernameForms,
): SQL => sql`
  update users set version = users.version + 1, email = ${state.email}::text,
    email_verified = ${state.emailVerified}::boolean, username = ${state.username}::text,
    username_canonical = ${forms.canonical}::text, username_skeleton = ${forms.skeleton}::text,
    display_name = ${state.displayName}::text, avatar = ${state.avatar}::text, role = ${state.role}::text,
    is_active = ${state.isActive}::boolean, updated_at = ${LATER_INSTANT}, event_id = route.event_id
  from route where users.id = ${id}::uuid and users.version = ${version}::bigint
  returning users.*, users.version as event_version, users.updated_at as occurred_at`

const deleteUser = (id: UserId, version: number): SQL => sql`
  delete from users using route where users.id = ${id}::uuid and users.version = ${version}::bigint
  returning users.*, users.version + 1 as event_version, ${LATER_INSTANT} as occurred_at`
