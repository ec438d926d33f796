import { givenDatabase } from '../../support/given-database.ts'
import { givenLeases } from '../../support/given-leases.ts'
import { givenStores } from '../../support/given-stores.ts'
import { credentialsContract } from './credentials.contract.ts'
import { deliveriesContract } from './deliveries.contract.ts'
import { deliveryAuditContract } from './delivery-audit.contract.ts'
import { idempotencyKeysContract } from './idempotency-keys.contract.ts'
import { leasesContract } from './leases.contract.ts'
import { ledgerContract } from './ledger.contract.ts'
import { maintenanceContract } from './maintenance.contract.ts'
import { sessionsContract } from './sessions.contract.ts'
import { transactContract } from './transact.contract.ts'
import { usersContract } from './users.contract.ts'

const NAME = 'PGlite'

// One database for all suites, since each makes users of its own; opened here, where no hook's limit cuts it off.
const database = await givenDatabase()
const subject = givenStores(database)
const open = async () => subject

usersContract(NAME, open)
credentialsContract(NAME, open)
sessionsContract(NAME, open)
idempotencyKeysContract(NAME, open)
transactContract(NAME, open)
deliveriesContract(NAME, open)
ledgerContract(NAME, open)
maintenanceContract(NAME, open)
leasesContract(NAME, () => givenLeases(database))
deliveryAuditContract(NAME, open)
