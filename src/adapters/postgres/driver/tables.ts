import type { Placeholder, SQL } from 'drizzle-orm'
import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  customType,
  integer,
  jsonb,
  pgTable,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core'
import type { Avatar } from '../../../domain/accounts/avatar.ts'
import type { DisplayName } from '../../../domain/accounts/display-name.ts'
import type { Email } from '../../../domain/accounts/email.ts'
import type { Identifier } from '../../../domain/accounts/identifier.ts'
import type { Role } from '../../../domain/accounts/role.ts'
import type { PublishedField, PublishedState, User } from '../../../domain/accounts/user.ts'
import type {
  CanonicalUsername,
  Username,
  UsernameSkeleton,
} from '../../../domain/accounts/username.ts'
import type { UserAction } from '../../../domain/events/user-event.ts'
import type { ProviderId, ProviderSubject } from '../../../domain/oauth/provider.ts'
import type { AddressPrefix } from '../../../domain/shared/address-prefix.ts'
import type { EventId, SessionId, UserId } from '../../../domain/shared/ids.ts'
import type { AuditAction, AuditEntry } from '../../../ports/driven/audit/audit-trail.ts'

// The columns that statements are built from. The files in migrations/ create the tables.

const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' })
// One driver answers text, the other a number or a BigInt. The column parses all of them.
const counter = (name: string) => bigint(name, { mode: 'number' })
const bytes = customType<{ data: Uint8Array; driverData: Uint8Array }>({
  dataType: () => 'bytea',
  fromDriver: (value) => Uint8Array.from(value),
})

export const users = pgTable('users', {
  id: uuid('id').$type<UserId>().primaryKey(),
  version: counter('version').notNull(),
  email: text('email').$type<Email>(),
  emailVerified: boolean('email_verified').notNull(),
  username: text('username').$type<Username>().notNull(),
  usernameCanonical: text('username_canonical').$type<CanonicalUsername>().notNull(),
  usernameSkeleton: text('username_skeleton').$type<UsernameSkeleton>().notNull(),
  displayName: text('display_name').$type<DisplayName>(),
  avatar: text('avatar').$type<Avatar>(),
  role: text('role').$type<Role>().notNull(),
  isActive: boolean('is_active').notNull(),
  createdAt: instant('created_at').notNull(),
  updatedAt: instant('updated_at').notNull(),
})

/** The domain's user in a row. Leaves out the forms that keep the username unique. */
export const userOf = ({
  usernameCanonical: _,
  usernameSkeleton: __,
  ...user
}: typeof users.$inferSelect): User => user

/** The condition that finds the user with this identifier: see `textOfIdentifier`. */
export const hasIdentifier = (kind: Identifier['kind'], text: string | Placeholder): SQL =>
  kind === 'email'
    ? sql`${users.email} = ${text}::text`
    : sql`${users.usernameCanonical} = ${text}::text`

export const textOfIdentifier = (identifier: Identifier): string =>
  identifier.kind === 'email' ? identifier.email : identifier.canonical

export const credentials = pgTable('credentials', {
  userId: uuid('user_id').$type<UserId>().primaryKey(),
  passwordHash: text('password_hash'),
  consecutiveFailures: integer('consecutive_failures').notNull().default(0),
  failuresByPrefix: jsonb('failures_by_prefix').notNull().default({}),
  failuresHalvedAt: instant('failures_halved_at').notNull().defaultNow(),
  revocations: counter('revocations').notNull().default(0),
})

const sessionColumns = {
  id: uuid('id').$type<SessionId>().primaryKey(),
  userId: uuid('user_id').$type<UserId>().notNull(),
  generation: integer('generation').notNull(),
  salt: bytes('salt').notNull(),
  createdAt: instant('created_at').notNull(),
  lastUsedAt: instant('last_used_at').notNull(),
  authenticatedAt: instant('authenticated_at').notNull(),
  idleExpiresAt: instant('idle_expires_at').notNull(),
  absoluteExpiresAt: instant('absolute_expires_at').notNull(),
  endedAt: instant('ended_at'),
  rotations: instant('rotations').array().notNull(),
  userAgent: text('user_agent'),
  addressPrefix: text('address_prefix').$type<AddressPrefix>(),
}

export const sessions = pgTable('sessions', sessionColumns)

/** The same table with the digest of the one-time code that started the session. */
export const sessionsFromCodes = pgTable('sessions', {
  ...sessionColumns,
  codeHash: text('code_hash'),
})

export const identities = pgTable('identities', {
  provider: text('provider').$type<ProviderId>().notNull(),
  subject: text('subject').$type<ProviderSubject>().notNull(),
  userId: uuid('user_id').$type<UserId>().notNull(),
  email: text('email').$type<Email>(),
  linkedAt: instant('linked_at').notNull(),
})

export const idempotencyKeys = pgTable('idempotency_keys', {
  keyMac: text('key_mac').primaryKey(),
  bodyMac: text('body_mac').notNull(),
  userId: uuid('user_id').$type<UserId>(),
  claimedAt: instant('claimed_at').notNull(),
  completedAt: instant('completed_at'),
})

export const auditLog = pgTable('audit_log', {
  at: instant('at').notNull(),
  action: text('action').$type<AuditAction>().notNull(),
  result: text('result').$type<AuditEntry['result']>().notNull(),
  actorId: uuid('actor_id').$type<UserId>(),
  subjectId: uuid('subject_id').$type<UserId>(),
  sessionId: uuid('session_id').$type<SessionId>(),
  addressPrefix: text('address_prefix').$type<AddressPrefix>(),
  identifierMac: text('identifier_mac'),
  traceId: text('trace_id'),
  details: text('details'),
})

/** The ledger columns that make up an event. */
export const outboxEvents = pgTable('outbox_events', {
  eventId: uuid('event_id').$type<EventId>().notNull(),
  userId: uuid('user_id').$type<UserId>().notNull(),
  version: counter('version').notNull(),
  action: text('action').$type<UserAction>().notNull(),
  state: jsonb('state').$type<PublishedState>().notNull(),
  changed: text('changed').array().$type<PublishedField[]>().notNull(),
  occurredAt: instant('occurred_at').notNull(),
  traceparent: text('traceparent'),
})
