import { givenStores } from '../../../support/builders/database/given-stores.ts'
import { givenRolesOfEachVersion } from '../../../support/servers/postgres/given-roles.ts'
import { SYNC_CHANNELS } from '../migration/sync-modes.contract.ts'
import { committedEventsContract } from './committed-events.contract.ts'

for (const { major, app } of await givenRolesOfEachVersion())
  committedEventsContract(`PostgreSQL ${major}`, givenStores(app, SYNC_CHANNELS))
