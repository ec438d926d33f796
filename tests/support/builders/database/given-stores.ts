import { eq, sql } from 'drizzle-orm'
import type { Database } from '../../../../src/adapters/postgres/driver/database.ts'
import { attempt } from '../../../../src/adapters/postgres/driver/faults.ts'
import { auditLog } from '../../../../src/adapters/postgres/driver/tables.ts'
import { makeDeliveries } from '../../../../src/adapters/postgres/events/deliveries.ts'
import { makeDeliveryAudit } from '../../../../src/adapters/postgres/events/delivery-audit.ts'
import { makeLeases } from '../../../../src/adapters/postgres/events/leases.ts'
import { makeLedger } from '../../../../src/adapters/postgres/events/ledger.ts'
import { makeRebases } from '../../../../src/adapters/postgres/events/rebases.ts'
import { makeReplays } from '../../../../src/adapters/postgres/events/replays.ts'
import { makeUserSnapshots } from '../../../../src/adapters/postgres/events/user-snapshots.ts'
import { makeSyncModes } from '../../../../src/adapters/postgres/migration/sync-modes.ts'
import { makeMaintenance } from '../../../../src/adapters/postgres/operations/maintenance.ts'
import { makeReadSessionState } from '../../../../src/adapters/postgres/sessions/sessions.ts'
import { makeStores } from '../../../../src/adapters/postgres/stores.ts'
import { makeTransact } from '../../../../src/adapters/postgres/transact.ts'
import type { Channel } from '../../../../src/domain/events/user-event.ts'
import type { SessionId, UserId } from '../../../../src/domain/shared/ids.ts'
import type { CommittedEvent, Deliveries } from '../../../../src/ports/driven/events/deliveries.ts'
import type { DeliveryAudit } from '../../../../src/ports/driven/events/delivery-audit.ts'
import type { Leases } from '../../../../src/ports/driven/events/leases.ts'
import type { Ledger } from '../../../../src/ports/driven/events/ledger.ts'
import type { Rebases } from '../../../../src/ports/driven/events/rebases.ts'
import type { Replays } from '../../../../src/ports/driven/events/replays.ts'
import type { UserSnapshots } from '../../../../src/ports/driven/events/user-snapshots.ts'
import type { SyncModes } from '../../../../src/ports/driven/migration/sync-modes.ts'
import type { Maintenance } from '../../../../src/ports/driven/operations/maintenance.ts'
import type { SessionState } from '../../../../src/ports/driven/sessions/session-states.ts'
import type { Stores, Transact } from '../../../../src/ports/driven/transact.ts'

export const FIRST: Channel = 'nats:user.events'
export const SECOND: Channel = 'nats:user.events.v2'

/** All ports of one database, as a contract suite needs them. */
export type StoresUnderTest = {
  readonly stores: Stores
  /** The stores of an installation with the HTTP channel. */
  readonly callingStores: Stores
  readonly transact: Transact
  readonly deliveries: Deliveries
  readonly leases: Leases
  readonly audit: DeliveryAudit
  readonly ledger: Ledger
  readonly maintenance: Maintenance
  readonly replays: Replays
  readonly syncModes: SyncModes
  readonly snapshots: UserSnapshots
  readonly rebases: Rebases
  readonly readSessionState: (id: SessionId) => Promise<SessionState | null>
  /** The audit entries about a user. */
  readonly auditOf: (subject: UserId) => Promise<(typeof auditLog.$inferSelect)[]>
  /** Makes the acknowledgements of a stream older, from a sequence on. */
  readonly backdate: (stream: string, fromSequence: number, days: number) => Promise<void>
  /** The events whose commits were reported to the relay, in this order. */
  readonly committed: readonly CommittedEvent[]
  /** How often the relay was told to look for something. */
  readonly wakes: () => number
}

/** The ports of a database with two event channels. With the HTTP channel, its deliveries are standby for the first one. */
export const givenStores = (
  database: Database,
  channels: readonly Channel[] = [FIRST, SECOND],
): StoresUnderTest => {
  const committed: CommittedEvent[] = []
  let wakes = 0
  const needs = {
    channels,
    traceId: () => '4bf92f3577b34da6a3ce929d0e0e4736',
    monotonic: () => performance.now(),
    onCommitted: (event: CommittedEvent) => {
      committed.push(event)
    },
    wakeRelay: () => {
      wakes += 1
    },
  }
  return {
    stores: makeStores(database, needs),
    callingStores: makeStores(database, {
      ...needs,
      channels: [...needs.channels, 'http:backend'],
    }),
    transact: makeTransact(database, needs),
    deliveries: makeDeliveries(database, channels.includes('http:backend') ? FIRST : null),
    leases: makeLeases(database),
    audit: makeDeliveryAudit(database),
    ledger: makeLedger(database),
    maintenance: makeMaintenance(database),
    replays: makeReplays(database),
    syncModes: makeSyncModes(database),
    snapshots: makeUserSnapshots(database),
    rebases: makeRebases(database, needs),
    readSessionState: makeReadSessionState(database),
    auditOf: (user) =>
      attempt(database.db.select().from(auditLog).where(eq(auditLog.subjectId, user))),
    backdate: async (stream, fromSequence, days) => {
      await attempt(
        database.db.execute(sql`
          update outbox_acks set acked_at = acked_at - make_interval(secs => ${days * 86_400}::integer)
          where stream = ${stream}::text and sequence >= ${fromSequence}::bigint`),
      )
    },
    committed,
    wakes: () => wakes,
  }
}
