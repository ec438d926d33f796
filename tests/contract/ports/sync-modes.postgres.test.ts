import { givenRolesOfEachVersion } from '../../support/given-roles.ts'
import { givenStores } from '../../support/given-stores.ts'
import { SYNC_CHANNELS, syncModesContract } from './sync-modes.contract.ts'

for (const { major, app } of await givenRolesOfEachVersion())
  syncModesContract(`PostgreSQL ${major}`, givenStores(app, SYNC_CHANNELS))
