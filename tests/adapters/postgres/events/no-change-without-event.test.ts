import { givenDatabase } from '../../../support/builders/database/given-database.ts'
import { givenRolesOfEachVersion } from '../../../support/servers/postgres/given-roles.ts'
import { noChangeWithoutEventContract } from './no-change-without-event.contract.ts'

noChangeWithoutEventContract('PGlite', await givenDatabase())
for (const { major, owner } of await givenRolesOfEachVersion())
  noChangeWithoutEventContract(`PostgreSQL ${major}`, owner)
