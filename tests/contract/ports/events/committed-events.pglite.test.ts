import { givenDatabase } from '../../../support/builders/database/given-database.ts'
import { givenStores } from '../../../support/builders/database/given-stores.ts'
import { SYNC_CHANNELS } from '../migration/sync-modes.contract.ts'
import { committedEventsContract } from './committed-events.contract.ts'

committedEventsContract('PGlite', givenStores(await givenDatabase(), SYNC_CHANNELS))
