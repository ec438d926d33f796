import { givenStores } from '../../../support/builders/database/given-stores.ts'
import { givenRolesOfEachVersion } from '../../../support/servers/postgres/given-roles.ts'
import { SYNC_CHANNELS, syncModesContract } from './sync-modes.contract.ts'

for (const { major, app } of await givenRolesOfEachVersion())
  syncModesContract(`PostgreSQL ${major}`, givenStores(app, SYNC_CHANNELS))
