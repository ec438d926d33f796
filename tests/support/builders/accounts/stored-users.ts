import { sql } from 'drizzle-orm'
import { v7 } from 'uuid'
import type { Database } from '../../../../src/adapters/postgres/driver/database.ts'
import { sessionStartedEntry } from '../../../../src/application/audit/audit-entries.ts'
import type { Email } from '../../../../src/domain/accounts/email.ts'
import type { PublishedState, User } from '../../../../src/domain/accounts/user.ts'
import {
  changedFields,
  publishedState,
  registeredState,
} from '../../../../src/domain/accounts/user.ts'
import type {
  CanonicalUsername,
  Username,
  UsernameSkeleton,
} from '../../../../src/domain/accounts/username.ts'
import type { Announcement } from '../../../../src/domain/events/user-event.ts'
import type { Session } from '../../../../src/domain/sessions/session.ts'
import { startSession } from '../../../../src/domain/sessions/session.ts'
import type { AddressPrefix } from '../../../../src/domain/shared/address-prefix.ts'
import type { EventId, SessionId, UserId } from '../../../../src/domain/shared/ids.ts'
import { secondsAfter } from '../../../../src/domain/shared/instants.ts'
import type { NewRegistration } from '../../../../src/ports/driven/accounts/registrations.ts'
import type { UsernameForms } from '../../../../src/ports/driven/accounts/users.ts'
import type { Stores } from '../../../../src/ports/driven/transact.ts'
import { LIFETIMES } from '../sessions/given-sessions.ts'

export const NOON = new Date('2026-11-24T12:00:00.000Z')
export const noonPlus = (seconds: number): Date => secondsAfter(NOON, seconds)
export const HOME = '192.0.2.1' as AddressPrefix
export const ELSEWHERE = '198.51.100.7' as AddressPrefix

type Holder = { readonly stores: { readonly users: Pick<Stores['users'], 'insert' | 'update'> } }
type SessionHolder = { readonly stores: Pick<Stores, 'sessions'> }

let names = 0

/** A username that no other test uses. */
export const uniqueName = (): Username => {
  names += 1
  return `name${names}` as Username
}

export const uniqueEmail = (): Email => `${uniqueName()}@example.com` as Email
export const uniqueUserId = (): UserId => v7() as UserId
export const uniqueSessionId = (): SessionId => v7() as SessionId

export const formsOf = (username: string): UsernameForms => ({
  canonical: username as CanonicalUsername,
  skeleton: `looks like ${username}` as UsernameSkeleton,
})

/** The event ids do not sort by time, so that a test fails when something is ordered by them. */
export const announcement = (traceparent: string | null = null): Announcement => ({
  eventId: crypto.randomUUID() as EventId,
  traceparent,
})

export const stateOf = (changes: Partial<PublishedState> = {}): PublishedState => ({
  ...registeredState(uniqueEmail(), uniqueName(), null),
  ...changes,
})

/** A user who is in the store. */
export const storedUser = async (
  { stores }: Holder,
  changes: Partial<PublishedState> = {},
): Promise<User> => {
  const state = stateOf(changes)
  const forms = formsOf(state.username)
  const inserted = await stores.users.insert(uniqueUserId(), state, forms, announcement())
  if (!inserted.ok) throw new Error(inserted.refusal.kind)
  return inserted.value
}

/** The user at the next version. */
export const updatedUser = async (
  { stores }: Holder,
  user: User,
  changes: Partial<PublishedState>,
): Promise<User> => {
  const after = { ...user, ...changes }
  const changed = changedFields(publishedState(user), publishedState(after))
  const forms = formsOf(after.username)
  const updated = await stores.users.update(user, after, changed, forms, announcement())
  if (!updated.ok) throw new Error(updated.refusal.kind)
  return updated.value
}

/** A session of the user that started this many seconds after noon. It is not stored. */
export const sessionOf = ({ id }: Pick<User, 'id'>, secondsAfterNoon = 0): Session =>
  startSession(
    uniqueSessionId(),
    id,
    crypto.getRandomValues(new Uint8Array(16)),
    { userAgent: 'curl/8.5', addressPrefix: HOME },
    LIFETIMES,
    noonPlus(secondsAfterNoon),
  )

/** The same session, stored. */
export const storedSession = async (
  { stores }: SessionHolder,
  user: User,
  secondsAfterNoon = 0,
): Promise<Session> => {
  const session = sessionOf(user, secondsAfterNoon)
  await stores.sessions.start(session)
  return session
}

/** Stores older sessions of the same user, each a second older than the one before, and tells the planner how many there are. */
export const storeCopies = async (
  { db }: Database,
  { id }: Session,
  copies: number,
): Promise<void> => {
  await db.execute(sql`
    insert into sessions (id, user_id, salt, generation, created_at, last_used_at, authenticated_at, idle_expires_at,
      absolute_expires_at, rotations, user_agent, address_prefix)
    select gen_random_uuid(), user_id, salt, generation, created_at - number * interval '1 second',
      last_used_at - number * interval '1 second', authenticated_at, idle_expires_at, absolute_expires_at, rotations,
      user_agent, address_prefix
    from sessions, generate_series(1, ${copies}::integer) number where id = ${id}::uuid`)
  await db.execute(sql`analyze sessions`)
}

/** A registration at noon. */
export const registrationOf = (changes: Partial<NewRegistration> = {}): NewRegistration => {
  const state = stateOf()
  const session = sessionOf({ id: uniqueUserId() })
  return {
    state,
    forms: formsOf(state.username),
    passwordHash: 'hash',
    session,
    addressPrefix: HOME,
    announcement: announcement(),
    entry: sessionStartedEntry('user.registered', session, HOME),
    request: null,
    ...changes,
  }
}

/** A user who has registered. */
export const registeredUser = async (
  { stores }: { readonly stores: Pick<Stores, 'registrations'> },
  changes: Partial<NewRegistration> = {},
): Promise<User> => {
  const outcome = await stores.registrations.register(registrationOf(changes))
  if (!outcome.ok) throw new Error(outcome.refusal.kind)
  return outcome.value
}
