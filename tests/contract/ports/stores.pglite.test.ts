import { givenDatabase } from '../../support/builders/database/given-database.ts'
import { storesContract } from './stores.contract.ts'

// Opened here, where no hook's limit cuts it off.
storesContract('PGlite', await givenDatabase())
