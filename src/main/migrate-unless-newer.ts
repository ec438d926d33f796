import type { Database } from '../adapters/postgres/driver/database.ts'
import { migrate, schemaState } from '../adapters/postgres/driver/migrate.ts'
import { fail, ok } from '../domain/shared/result.ts'
import type { Composition } from './composition.ts'

/** Brings the schema up to date, but leaves one alone that a later version has written. */
export const migrateUnlessNewer =
  (database: Database): Composition['migrate'] =>
  async () =>
    (await schemaState(database)) === 'newer'
      ? fail({ kind: 'newer-schema' })
      : ok({ applied: await migrate(database) })
