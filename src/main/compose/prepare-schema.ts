import type { Database } from '../../adapters/postgres/driver/database.ts'
import { StatementFault } from '../../adapters/postgres/driver/faults.ts'
import { migrate, schemaState } from '../../adapters/postgres/driver/migrate.ts'
import { openPostgres } from '../../adapters/postgres/driver/open-postgres.ts'
import type { PostgresAddress } from '../../adapters/postgres/driver/postgres-address.ts'
import { readServerFacts } from '../../adapters/postgres/driver/server-facts.ts'
import type { AdoptMode } from '../../application/migration/adopt-mode.ts'
import { faultLine } from '../../domain/shared/fault-line.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import { Unavailable } from '../../domain/shared/unavailable.ts'
import type { Migrate } from '../../ports/driving/operations/schema.ts'
import type { Config } from '../config/config.ts'
import type { Secret } from '../config/secret.ts'

/**
 * Makes the schema fit this version before the service serves. On a server in production it only compares: there migrating
 * is a step of its own, taken by the owner of the database, and the service does not have the rights for it.
 */
export const prepareSchema = (
  { mode, migrationDatabaseUrl }: Pick<Config, 'mode' | 'migrationDatabaseUrl'>,
  database: Database,
): Migrate => {
  if (migrationDatabaseUrl === null) return () => refuseFaults(migrateUnlessNewer(database))
  return mode === 'production'
    ? () => refuseFaults(onFitDatabase(database, requireCurrent(database)))
    : () => migrateAsOwner(migrationDatabaseUrl)
}

/** Prepares the schema, and then adopts the mode, which has to be known before anything is changed. */
export const thenAdopt =
  (prepare: Migrate, adoptMode: AdoptMode): Migrate =>
  async () => {
    const prepared = await prepare()
    if (!prepared.ok) return prepared
    const adopted = await adoptMode()
    return adopted.ok ? prepared : adopted
  }

/** A migration may rewrite a table, and no request waits for it. */
const STATEMENT_SECONDS = 600

/** Brings the schema on a server up to date, on a connection of its own. */
export const migrateAsOwner = async (address: Secret<PostgresAddress>): ReturnType<Migrate> => {
  const database = openPostgres({
    address: address.reveal(),
    applicationName: 'auth-migrate',
    poolSize: 1,
    statementSeconds: STATEMENT_SECONDS,
  })
  try {
    return await refuseFaults(onFitDatabase(database, migrateUnlessNewer(database)))
  } finally {
    await database.close()
  }
}

/** Brings the schema up to date. A schema that a later version has written is refused and left as it is. */
const migrateUnlessNewer =
  (database: Database): Migrate =>
  async () =>
    (await schemaState(database)) === 'newer'
      ? fail({ kind: 'newer-schema' })
      : ok({ applied: await migrate(database) })

const requireCurrent =
  (database: Database): Migrate =>
  async () => {
    const state = await schemaState(database)
    return state === 'current' ? ok({ applied: [] }) : fail({ kind: `${state}-schema` })
  }

/** Looks at the server first, so that what is wrong with it is told in words instead of as a fault of some statement. */
const onFitDatabase =
  (database: Database, prepare: Migrate): Migrate =>
  async () => {
    const { encoding, mayUseSchema } = await readServerFacts(database)
    if (encoding !== 'UTF8') return fail({ kind: 'wrong-encoding', encoding })
    if (mayUseSchema === null)
      return fail({ kind: 'no-rights', reason: 'there is no schema public' })
    // A schema that the role may not use looks like an empty one.
    return mayUseSchema
      ? prepare()
      : fail({ kind: 'no-rights', reason: 'permission denied for schema public' })
  }

/** SQLSTATE insufficient_privilege. */
const NO_PRIVILEGE = '42501'

const refuseFaults = async (prepare: Migrate): ReturnType<Migrate> => {
  try {
    return await prepare()
  } catch (fault) {
    if (fault instanceof StatementFault && fault.code === NO_PRIVILEGE)
      return fail({
        kind: 'no-rights',
        reason: faultLine(fault.cause).replace(`${NO_PRIVILEGE} `, ''),
      })
    if (!(fault instanceof Unavailable)) throw fault
    return fail({ kind: 'no-database', reason: faultLine(fault.cause ?? fault) })
  }
}
