import { sql } from 'drizzle-orm'
import type { Database } from '../../../src/adapters/postgres/driver/database.ts'
import { makeLeases } from '../../../src/adapters/postgres/events/leases.ts'
import { givenStores } from '../../support/builders/database/given-stores.ts'
import { givenMode, modeOf } from '../../support/builders/migration/given-mode.ts'
import { idempotencyKeysContract } from './accounts/idempotency-keys.contract.ts'
import { registrationsContract } from './accounts/registrations.contract.ts'
import { usersContract } from './accounts/users.contract.ts'
import { deliveriesContract } from './events/deliveries.contract.ts'
import { deliveryAuditContract } from './events/delivery-audit.contract.ts'
import type { LeasesUnderTest } from './events/leases.contract.ts'
import { leasesContract } from './events/leases.contract.ts'
import { ledgerContract } from './events/ledger.contract.ts'
import { rebasesContract } from './events/rebases.contract.ts'
import { replaysContract } from './events/replays.contract.ts'
import { userSnapshotsContract } from './events/user-snapshots.contract.ts'
import { syncComparisonContract } from './migration/sync-comparison.contract.ts'
import { identitiesContract } from './oauth/identities.contract.ts'
import { maintenanceContract } from './operations/maintenance.contract.ts'
import { credentialsContract } from './passwords/credentials.contract.ts'
import { passwordSignInsContract } from './sessions/password-sign-ins.contract.ts'
import { sessionsContract } from './sessions/sessions.contract.ts'
import { transactContract } from './transact.contract.ts'

/** Every suite of a port that keeps something in the database; one database for all, since each makes users of its own. */
export const storesContract = (name: string, database: Database): void => {
  const subject = givenStores(database)
  const open = async () => subject
  usersContract(name, open)
  credentialsContract(name, open)
  passwordSignInsContract(name, open)
  registrationsContract(name, open)
  sessionsContract(name, open)
  identitiesContract(name, open)
  idempotencyKeysContract(name, open)
  transactContract(name, open)
  deliveriesContract(name, async () => {
    await givenMode(subject.syncModes, modeOf('dual'))
    return subject
  })
  replaysContract(name, open)
  ledgerContract(name, open)
  maintenanceContract(name, open)
  syncComparisonContract(name, database, open)
  leasesContract(name, () => givenLeases(database))
  deliveryAuditContract(name, open)
  userSnapshotsContract(name, open)
  rebasesContract(name, async () => {
    await withoutInstances(database)
    return { ...subject, ...lapsing(database) }
  })
}

const withoutInstances = async ({ db }: Database): Promise<void> => {
  await db.execute(sql`update relay_leases set owner = null, expires_at = '-infinity'`)
  await db.execute(sql`delete from relay_instances`)
}

const lapsing = ({ db }: Database) => ({
  /** As if the leases of this instance had last been renewed more than ten seconds ago. They still name their owner. */
  lapseLeases: async (instance: string): Promise<void> => {
    await db.execute(
      sql`update relay_leases set expires_at = clock_timestamp() where owner = ${instance}`,
    )
  },
  /** As if this instance had been seen last more than ten seconds ago. */
  lapseInstance: async (instance: string): Promise<void> => {
    await db.execute(
      sql`update relay_instances set expires_at = clock_timestamp() where instance = ${instance}`,
    )
  },
})

/** The leases of a database, with no instance alive. */
const givenLeases = async (database: Database): Promise<LeasesUnderTest> => {
  const { lapseLeases, lapseInstance } = lapsing(database)
  await withoutInstances(database)
  return {
    leases: makeLeases(database),
    lapse: async (instance) => {
      await lapseLeases(instance)
      await lapseInstance(instance)
    },
  }
}
