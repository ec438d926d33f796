import type { Channel } from '../../domain/events/user-event.ts'
import type { CommittedEvent } from '../../ports/driven/events/deliveries.ts'
import type { Monotonic } from '../../ports/driven/shared/clock.ts'
import type { Stores } from '../../ports/driven/transact.ts'
import { gatheringProfiles } from './accounts/gathered-profiles.ts'
import { makeIdempotencyKeys } from './accounts/idempotency-keys.ts'
import { makeRegistrations } from './accounts/registrations.ts'
import type { UsersNeeds } from './accounts/users.ts'
import { makeUsers } from './accounts/users.ts'
import { makeAuditTrail } from './audit/audit-trail.ts'
import type { Database, Handle } from './driver/database.ts'
import { makingMissingPartitions } from './driver/missing-partitions.ts'
import { makeIdentities } from './oauth/identities.ts'
import { makeCredentials } from './passwords/credentials.ts'
import { makePasswordSignIns } from './sessions/password-sign-ins.ts'
import { makeSessions } from './sessions/sessions.ts'

export type StoresNeeds = {
  /** The channels that deliver events. */
  readonly channels: readonly Channel[]
  /** The trace id of the request that is being served, for the audit trail. */
  readonly traceId: () => string | null
  /** Called with each event after its commit, so that the relay delivers it. */
  readonly onCommitted: (event: CommittedEvent) => void
  readonly monotonic: Monotonic
}

/** Stores outside a transaction: each call commits by itself. */
export const makeStores = (
  { db }: Database,
  { channels, traceId, onCommitted, monotonic }: StoresNeeds,
): Stores => {
  const needs = {
    channels,
    announced: onCommitted,
    monotonic,
    conflicted: () => undefined,
    withPartition: <T>(run: () => Promise<T>) => makingMissingPartitions(db, run),
  }
  const stores = storesOn(db, { ...needs, traceId })
  return { ...stores, users: gatheringProfiles(stores.users, db, needs) }
}

/** The stores on a database or on one of its transactions. */
export const storesOn = (
  db: Handle,
  { traceId, ...needs }: UsersNeeds & Pick<StoresNeeds, 'traceId'>,
): Stores => ({
  users: makeUsers(db, needs),
  credentials: makeCredentials(db),
  passwordSignIns: makePasswordSignIns(db, traceId),
  registrations: makeRegistrations(db, needs, traceId),
  sessions: makeSessions(db, traceId),
  identities: makeIdentities(db),
  idempotencyKeys: makeIdempotencyKeys(db),
  audit: makeAuditTrail(db, traceId),
})
