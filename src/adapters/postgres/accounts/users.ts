import type { SQL } from 'drizzle-orm'
import { eq, getTableColumns, sql } from 'drizzle-orm'
import type { User } from '../../../domain/accounts/user.ts'
import type { Channel } from '../../../domain/events/user-event.ts'
import type { Result } from '../../../domain/shared/result.ts'
import { fail, ok } from '../../../domain/shared/result.ts'
import type { Identifier, NameConflict, Users } from '../../../ports/driven/accounts/users.ts'
import type { Handle } from '../driver/database.ts'
import { attempt, violatedUniqueness } from '../driver/faults.ts'
import { readRow, rowsOf } from '../driver/rows.ts'
import { users } from '../driver/tables.ts'
import type { ChangeEvent } from './user-change.ts'
import { announcedChange, insertion, removal, replacement } from './user-change.ts'

export type UsersNeeds = {
  readonly channels: readonly Channel[]
  /** Called after each statement that wrote an event; inside a transaction it is not committed yet. */
  readonly announced: () => void
  /** Called when a name was taken, which spoils a transaction. */
  readonly conflicted: () => void
}

export const makeUsers = (db: Handle, needs: UsersNeeds): Users => {
  const change = makeChange(db, needs)
  let byId: ReturnType<typeof preparedById> | undefined
  return {
    find: async (id) => {
      byId ??= preparedById(db)
      const [user] = await attempt(byId.execute({ id }))
      return user ?? null
    },
    byIdentifier: async (identifier) => {
      const [row] = await attempt(db.select().from(users).where(identifiedBy(identifier)))
      return row === undefined ? null : userOf(row)
    },
    insert: (...user) => insertUser(change, user),
    update: async ({ id: userId, version }, after, changed, forms, announcement) => {
      const event = { ...announcement, userId, action: 'updated', changed } as const
      const saved = await change(replacement(userId, version, after, forms), event)
      if (!saved.ok) return saved
      return saved.value === null ? fail({ kind: 'stale' }) : ok(saved.value)
    },
    remove: async ({ id: userId, version }, announcement) => {
      const event = { ...announcement, userId, action: 'deleted', changed: [] } as const
      const removed = await change(removal(userId, version), event)
      return removed.ok && removed.value !== null ? ok(null) : fail({ kind: 'stale' })
    },
    lockActiveAdmins: async () => {
      const answer = await attempt(db.execute(LOCK_ACTIVE_ADMINS))
      return rowsOf(answer).length
    },
  }
}

const { usernameCanonical: _, usernameSkeleton: __, ...userColumns } = getTableColumns(users)

// Built once, at its first use: every request of somebody signed in may ask it.
const preparedById = (db: Handle) =>
  db
    .select(userColumns)
    .from(users)
    .where(eq(users.id, sql.placeholder('id')))
    .prepare('user_by_id')

// In the order of their ids, so that two callers cannot wait for each other.
const LOCK_ACTIVE_ADMINS = sql`
  select id from users where role = 'admin' and is_active order by id for no key update`

type Change = (
  statement: SQL,
  event: Omit<ChangeEvent, 'channels'>,
  more?: SQL,
) => Promise<Result<User | null, NameConflict>>

/** Stores version 1 and announces it, with `more` in the same statement. */
export const insertUser = async (
  change: Change,
  [userId, state, forms, announcement]: Parameters<Users['insert']>,
  more?: SQL,
): ReturnType<Users['insert']> => {
  const event = { ...announcement, userId, action: 'created', changed: [] } as const
  const saved = await change(insertion(userId, state, forms), event, more)
  if (!saved.ok) return saved
  if (saved.value === null) throw new Error('the row of the sync mode is missing')
  return ok(saved.value)
}

/** See `announcedChange`. Null when the statement found no row to write. */
export const makeChange =
  (db: Handle, { channels, announced, conflicted }: UsersNeeds): Change =>
  async (statement, event, more) => {
    try {
      const whole = announcedChange(statement, { ...event, channels }, more)
      const answer = await attempt(db.execute(whole))
      const [row] = rowsOf(answer)
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

const NAME_CONFLICTS: Readonly<Record<string, NameConflict>> = {
  users_email_key: { kind: 'email-taken' },
  users_username_key: { kind: 'username-taken' },
  users_skeleton_key: { kind: 'username-confusable' },
}

export const identifiedBy = (identifier: Identifier): SQL =>
  identifier.kind === 'email'
    ? eq(users.email, identifier.email)
    : eq(users.usernameCanonical, identifier.canonical)

/** The domain's user in a row: the forms that keep its name unique stay behind. */
export const userOf = ({
  usernameCanonical: _,
  usernameSkeleton: __,
  ...user
}: typeof users.$inferSelect): User => user
