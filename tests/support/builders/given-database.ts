import { PGlite } from '@electric-sql/pglite'
import type { Database } from '../../../src/adapters/postgres/driver/database.ts'
import { migrate } from '../../../src/adapters/postgres/driver/migrate.ts'
import { pgliteDatabase } from '../../../src/adapters/postgres/driver/open-pglite.ts'

// Loading a copy takes a third of making and migrating a database: one is made, the rest are copies.
let template: Promise<Blob> | undefined

const makeTemplate = async (): Promise<Blob> => {
  const client = await PGlite.create()
  await migrate(pgliteDatabase(client))
  const copy = await client.dumpDataDir('none')
  await client.close()
  return copy
}

/** A migrated database in memory, nobody else's. */
export const givenDatabase = async (): Promise<Database> => {
  template ??= makeTemplate()
  return pgliteDatabase(await PGlite.create({ loadDataDir: await template }))
}
