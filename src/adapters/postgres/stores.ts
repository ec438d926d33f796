import type { Channel } from '../../domain/user-event.ts'
import type { Stores } from '../../ports/driven/transact.ts'
import { makeAdmissions } from './admissions.ts'
import { makeAuditTrail } from './audit-trail.ts'
import { makeCredentials } from './credentials.ts'
import type { Database, Handle } from './database.ts'
import { makeEnrolments } from './enrolments.ts'
import { makeIdempotencyKeys } from './idempotency-keys.ts'
import { makeIdentities } from './identities.ts'
import { makeSessions } from './sessions.ts'
import type { UsersNeeds } from './users.ts'
import { makeUsers } from './users.ts'

export type StoresNeeds = {
  /** The legs that each event is owed to. */
  readonly channels: readonly Channel[]
  /** The trace of the request that is being served, for the audit trail. */
  readonly traceId: () => string | null
  /** Called after each commit that wrote an event: there is something to deliver. */
  readonly onCommitted: () => void
}

/** Stores whose every call stands for itself. */
export const makeStores = (
  { db }: Database,
  { channels, traceId, onCommitted }: StoresNeeds,
): Stores =>
  storesOn(db, { channels, traceId, announced: onCommitted, conflicted: () => undefined })

/** The stores on a database or on one of its transactions. */
export const storesOn = (
  db: Handle,
  { traceId, ...needs }: UsersNeeds & Pick<StoresNeeds, 'traceId'>,
): Stores => ({
  users: makeUsers(db, needs),
  credentials: makeCredentials(db),
  admissions: makeAdmissions(db, traceId),
  enrolments: makeEnrolments(db, needs, traceId),
  sessions: makeSessions(db),
  identities: makeIdentities(db),
  idempotencyKeys: makeIdempotencyKeys(db),
  audit: makeAuditTrail(db, traceId),
})
