import type { SQL } from 'drizzle-orm'
import { eq, getTableColumns, sql } from 'drizzle-orm'
import type { PublishedState, User } from '../../../domain/accounts/user.ts'
import type { Announcement, Channel } from '../../../domain/events/user-event.ts'
import type { UserId } from '../../../domain/shared/ids.ts'
import type { Result } from '../../../domain/shared/result.ts'
import { fail, ok } from '../../../domain/shared/result.ts'
import type { NameConflict, UsernameForms, Users } from '../../../ports/driven/accounts/users.ts'
import type { CommittedEvent } from '../../../ports/driven/events/deliveries.ts'
import type { Monotonic } from '../../../ports/driven/shared/clock.ts'
import type { Handle } from '../driver/database.ts'
import { attempt, violatedUniqueness } from '../driver/faults.ts'
import { prepareStatement } from '../driver/prepared-statement.ts'
import { readRow, rowsOf } from '../driver/rows.ts'
import { hasIdentifier, textOfIdentifier, userOf, users } from '../driver/tables.ts'
import type { AnnouncedColumns, ChangeEvent } from '../events/outbox.ts'
import { announcedChange, committedEvent, LATER_INSTANT, valuesOfEvent } from '../events/outbox.ts'
import { raisedFor } from '../passwords/revocations.ts'

export type UsersNeeds = {
  /** The channels that deliver events. */
  readonly channels: readonly Channel[]
  /** Called after each statement that wrote an event. Inside a transaction it is not committed yet. */
  readonly announced: (event: CommittedEvent) => void
  /** Called when an email address or a username was taken. The transaction can only be rolled back then. */
  readonly conflicted: () => void
  readonly monotonic: Monotonic
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
      const [row] = await attempt(
        db
          .select()
          .from(users)
          .where(hasIdentifier(identifier.kind, textOfIdentifier(identifier))),
      )
      return row === undefined ? null : userOf(row)
    },
    insert: (id, state, forms, announcement) => insert({ id, state, forms, announcement }),
    update: async ({ id: userId, version, isActive }, after, changed, forms, announcement) => {
      const event = { ...announcement, userId, action: 'updated', changed } as const
      const { update, deactivate } = statementsFor(needs.channels)
      const statement = isActive && !after.isActive ? deactivate : update
      const values = { ...valuesOfEvent(event), ...after, ...forms, id: userId, version }
      const saved = await change(event, statement(values))
      if (!saved.ok) return saved
      return saved.value === null ? fail({ kind: 'stale' }) : ok(saved.value)
    },
    remove: async ({ id: userId, version }, announcement) => {
      const event = { ...announcement, userId, action: 'deleted', changed: [] } as const
      const statement = statementsFor(needs.channels).remove
      const removed = await change(
        event,
        statement({ ...valuesOfEvent(event), id: userId, version }),
      )
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

// In the order of their ids, so that two transactions cannot deadlock.
const LOCK_ACTIVE_ADMINS = sql`
  select id from users where role = 'admin' and is_active order by id for no key update`

type NewUser = {
  readonly id: UserId
  readonly state: PublishedState
  readonly forms: UsernameForms
  readonly announcement: Announcement
}

/** Further queries in the statement of a change, and the values of their placeholders: see `announcedChange`. */
type FurtherQueries = {
  /** Always the same object for the same queries, because the text of the statement is built once for each object. */
  readonly queries: SQL
  readonly values: Readonly<Record<string, unknown>>
}

const NO_FURTHER_QUERIES: FurtherQueries = { queries: sql``, values: {} }

/** Stores version 1 of a user and announces `created`. */
export const makeInsertUser = (db: Handle, needs: UsersNeeds) => {
  const change = makeChange(db, needs)
  return async (
    { id, state, forms, announcement }: NewUser,
    more: FurtherQueries = NO_FURTHER_QUERIES,
  ): Promise<Result<User, NameConflict>> => {
    const event = { ...announcement, userId: id, action: 'created', changed: [] } as const
    const statement = statementsFor(needs.channels).insert(more.queries)
    const values = { ...valuesOfEvent(event), ...state, ...forms, ...more.values, id }
    const saved = await change(event, statement(values))
    if (!saved.ok) return saved
    if (saved.value === null) throw new Error('the table sync_mode has no row')
    return ok(saved.value)
  }
}

/** Runs a statement of `announcedChange`. The value is null when it found no row to write. */
const makeChange =
  (db: Handle, { announced, conflicted, monotonic, withPartition }: UsersNeeds) =>
  async (event: ChangeEvent, statement: SQL): Promise<Result<User | null, NameConflict>> => {
    const begunAt = monotonic()
    try {
      const answer = await withPartition(() => attempt(db.execute(statement)))
      const [row] = rowsOf<AnnouncedColumns>(answer)
      if (row === undefined) return ok(null)
      const user = userOf(readRow(users, row))
      announced(committedEvent(event, user, row, begunAt))
      return ok(user)
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

const INSERT_USER = sql`
  insert into users (id, version, email, email_verified, username, username_canonical, username_skeleton,
    display_name, avatar, role, is_active, created_at, updated_at, event_id)
  select ${sql.placeholder('id')}::uuid, 1, ${sql.placeholder('email')}::text,
    ${sql.placeholder('emailVerified')}::boolean, ${sql.placeholder('username')}::text,
    ${sql.placeholder('canonical')}::text, ${sql.placeholder('skeleton')}::text,
    ${sql.placeholder('displayName')}::text, ${sql.placeholder('avatar')}::text, ${sql.placeholder('role')}::text,
    ${sql.placeholder('isActive')}::boolean, route.at, route.at, route.event_id
  from route
  returning users.*, version as event_version, updated_at as occurred_at`

const UPDATE_USER = sql`
  update users set version = users.version + 1, email = ${sql.placeholder('email')}::text,
    email_verified = ${sql.placeholder('emailVerified')}::boolean, username = ${sql.placeholder('username')}::text,
    username_canonical = ${sql.placeholder('canonical')}::text,
    username_skeleton = ${sql.placeholder('skeleton')}::text,
    display_name = ${sql.placeholder('displayName')}::text, avatar = ${sql.placeholder('avatar')}::text,
    role = ${sql.placeholder('role')}::text, is_active = ${sql.placeholder('isActive')}::boolean,
    updated_at = ${LATER_INSTANT}, event_id = route.event_id
  from route
  where users.id = ${sql.placeholder('id')}::uuid and users.version = ${sql.placeholder('version')}::bigint
  returning users.*, users.version as event_version, users.updated_at as occurred_at`

const DELETE_USER = sql`
  delete from users using route
  where users.id = ${sql.placeholder('id')}::uuid and users.version = ${sql.placeholder('version')}::bigint
  returning users.*, users.version + 1 as event_version, ${LATER_INSTANT} as occurred_at`

type EventValues = ReturnType<typeof valuesOfEvent>
type Row = { readonly id: UserId; readonly version: number }

const prepareStatements = (channels: readonly Channel[]) => {
  const prepare = <Values extends EventValues>(change: SQL, more?: SQL) =>
    prepareStatement<Values>(() => announcedChange(change, channels, more))
  const insertions = new WeakMap<SQL, ReturnType<typeof prepareInsertion>>()
  const prepareInsertion = (more: SQL) =>
    prepare<EventValues & PublishedState & UsernameForms & Pick<Row, 'id'>>(INSERT_USER, more)
  return {
    insert: (more: SQL) => {
      const known = insertions.get(more) ?? prepareInsertion(more)
      insertions.set(more, known)
      return known
    },
    update: prepare<EventValues & PublishedState & UsernameForms & Row>(UPDATE_USER),
    deactivate: prepare<EventValues & PublishedState & UsernameForms & Row>(UPDATE_USER, REVOKED),
    remove: prepare<EventValues & Row>(DELETE_USER),
  }
}

const prepared = new Map<string, ReturnType<typeof prepareStatements>>()

// Kept for the life of the process: the stores are made anew for each transaction.
const statementsFor = (channels: readonly Channel[]): ReturnType<typeof prepareStatements> => {
  const name = channels.join()
  const statements = prepared.get(name) ?? prepareStatements(channels)
  prepared.set(name, statements)
  return statements
}
