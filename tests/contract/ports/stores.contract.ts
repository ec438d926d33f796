import type { Database } from '../../../src/adapters/postgres/database.ts'
import { givenLeases } from '../../support/given-leases.ts'
import { givenStores } from '../../support/given-stores.ts'
import { admissionsContract } from './admissions.contract.ts'
import { credentialsContract } from './credentials.contract.ts'
import { deliveriesContract } from './deliveries.contract.ts'
import { deliveryAuditContract } from './delivery-audit.contract.ts'
import { enrolmentsContract } from './enrolments.contract.ts'
import { idempotencyKeysContract } from './idempotency-keys.contract.ts'
import { identitiesContract } from './identities.contract.ts'
import { leasesContract } from './leases.contract.ts'
import { ledgerContract } from './ledger.contract.ts'
import { legsComparedContract } from './legs-compared.contract.ts'
import { maintenanceContract } from './maintenance.contract.ts'
import { rebasesContract } from './rebases.contract.ts'
import { replaysContract } from './replays.contract.ts'
import { sessionsContract } from './sessions.contract.ts'
import { transactContract } from './transact.contract.ts'
import { userSnapshotsContract } from './user-snapshots.contract.ts'
import { usersContract } from './users.contract.ts'

/** Every suite of a port that keeps something in the database; one database for all, since each makes users of its own. */
export const storesContract = (name: string, database: Database): void => {
  const subject = givenStores(database)
  const open = async () => subject
  usersContract(name, open)
  credentialsContract(name, open)
  admissionsContract(name, open)
  enrolmentsContract(name, open)
  sessionsContract(name, open)
  identitiesContract(name, open)
  idempotencyKeysContract(name, open)
  transactContract(name, open)
  deliveriesContract(name, open)
  replaysContract(name, open)
  ledgerContract(name, open)
  maintenanceContract(name, open)
  legsComparedContract(name, database, open)
  leasesContract(name, () => givenLeases(database))
  deliveryAuditContract(name, open)
  userSnapshotsContract(name, open)
  rebasesContract(name, open)
}
