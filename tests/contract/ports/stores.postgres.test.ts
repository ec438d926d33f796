import { givenLoneRolesOfEachVersion } from '../../support/servers/postgres/given-roles.ts'
import { storesContract } from './stores.contract.ts'

// With the rights that the service has in production and no others [LE5].
for (const { major, app } of await givenLoneRolesOfEachVersion())
  storesContract(`PostgreSQL ${major}`, app)
