import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import type { Database } from '../../../../src/adapters/postgres/driver/database.ts'
import { migrate } from '../../../../src/adapters/postgres/driver/migrate.ts'
import { pgliteDatabase } from '../../../../src/adapters/postgres/driver/open-pglite.ts'
import { keepFirst, runFolder } from '../../processes/test-run/test-run.ts'

// Making and migrating a database takes three times as long as loading a copy. So the first test file of a run makes a
// template, and all files load copies of it.

let template: Promise<string> | undefined

const makeTemplate = async (): Promise<string> => {
  const path = join(runFolder(), 'migrated-database.tar')
  if (existsSync(path)) return path
  const client = await PGlite.create()
  await migrate(pgliteDatabase(client))
  const copy = `${path}-${crypto.randomUUID()}`
  await Bun.write(copy, await client.dumpDataDir('none'))
  await client.close()
  keepFirst(copy, path)
  return path
}

/** A migrated database in memory, nobody else's. */
export const givenDatabase = async (): Promise<Database> => {
  template ??= makeTemplate()
  const copy = new Blob([await Bun.file(await template).bytes()])
  return pgliteDatabase(await PGlite.create({ loadDataDir: copy }))
}
