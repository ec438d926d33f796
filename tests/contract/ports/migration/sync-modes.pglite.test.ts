import { givenDatabase } from '../../../support/builders/database/given-database.ts'
import { givenStores } from '../../../support/builders/database/given-stores.ts'
import { SYNC_CHANNELS, syncModesContract } from './sync-modes.contract.ts'

syncModesContract('PGlite', givenStores(await givenDatabase(), SYNC_CHANNELS))
