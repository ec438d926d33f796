import { givenDatabase } from '../../support/given-database.ts'
import { givenRolesOfEachVersion } from '../../support/given-roles.ts'
import { noChangeWithoutEventContract } from './no-change-without-event.contract.ts'

noChangeWithoutEventContract('PGlite', await givenDatabase())
for (const { major, owner } of await givenRolesOfEachVersion())
  noChangeWithoutEventContract(`PostgreSQL ${major}`, owner)
