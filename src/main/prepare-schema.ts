import type { Database } from '../adapters/postgres/driver/database.ts'
import { schemaState } from '../adapters/postgres/driver/migrate.ts'
import { openPostgres } from '../adapters/postgres/driver/open-postgres.ts'
import type { AdoptMode } from '../application/migration/adopt-mode.ts'
import { fail, ok } from '../domain/shared/result.ts'
import { Unavailable } from '../domain/shared/unavailable.ts'
import type { Composition } from './composition.ts'
import type { Secret } from './config/secret.ts'
import type { Config } from './config.ts'
import { migrateUnlessNewer } from './migrate-unless-newer.ts'
import { describeFault } from './print.ts'

type Prepare = Composition['migrate']

/**
 * Makes the schema fit this program before it serves. On a server in production it only looks: there migrating is a
 * step of its own, taken by the owner, and the service does not have the rights for it.
 */
export const prepareSchema = (
  { mode, migrationDatabaseUrl }: Pick<Config, 'mode' | 'migrationDatabaseUrl'>,
  database: Database,
): Prepare => {
  if (migrationDatabaseUrl === null) return migrateUnlessNewer(database)
  return mode === 'production'
    ? () => sayingWhyNot(requireCurrent(database))
    : () => migrateAsOwner(migrationDatabaseUrl)
}

/** The same, and then what has to stand before anything may be changed. */
export const settled =
  (prepare: Prepare, settle: AdoptMode): Prepare =>
  async () => {
    const prepared = await prepare()
    if (!prepared.ok) return prepared
    const found = await settle()
    return found.ok ? prepared : found
  }

/** A migration may rewrite a table; nobody waits for its answer. */
const STATEMENT_SECONDS = 600

/** Brings the schema on a server up to date, on a connection of its own. */
export const migrateAsOwner = async (url: Secret): ReturnType<Prepare> => {
  const database = openPostgres({
    url: url.reveal(),
    applicationName: 'auth-migrate',
    poolSize: 1,
    statementSeconds: STATEMENT_SECONDS,
  })
  try {
    return await sayingWhyNot(migrateUnlessNewer(database))
  } finally {
    await database.close()
  }
}

const requireCurrent =
  (database: Database): Prepare =>
  async () => {
    const state = await schemaState(database)
    return state === 'current' ? ok({ applied: [] }) : fail({ kind: `${state}-schema` })
  }

const sayingWhyNot = async (prepare: Prepare): ReturnType<Prepare> => {
  try {
    return await prepare()
  } catch (fault) {
    if (!(fault instanceof Unavailable)) throw fault
    return fail({ kind: 'no-database', reason: describeFault(fault.cause ?? fault) })
  }
}
