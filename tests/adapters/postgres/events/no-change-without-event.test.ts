import { givenDatabase } from '../../../support/builders/given-database.ts'
import { givenRolesOfEachVersion } from '../../../support/servers/given-roles.ts'
import { noChangeWithoutEventContract } from './no-change-without-event.contract.ts'

noChangeWithoutEventContract('PGlite', await givenDatabase())
for (const { major, owner } of await givenRolesOfEachVersion())
  noChangeWithoutEventContract(`PostgreSQL ${major}`, owner)
