import type { LockOwner } from '../../adapters/filesystem/directory-lock.ts'
import type { Database } from '../../adapters/postgres/driver/database.ts'
import { schemaState } from '../../adapters/postgres/driver/migrate.ts'
import { openPostgres } from '../../adapters/postgres/driver/open-postgres.ts'
import { readServerFacts } from '../../adapters/postgres/driver/server-facts.ts'
import { Unavailable } from '../../domain/shared/unavailable.ts'
import { runWhereDataIs } from '../commands/reach-service.ts'
import { describeSchemaState } from '../commands/schema-state.ts'
import type { Compose } from '../composition.ts'
import type { Secret } from '../config/secret.ts'
import type { Config } from '../config.ts'
import { EXIT } from '../exit-codes.ts'
import { describeFault } from '../print.ts'
import { checkDirectory, checkLock, hasDatabase } from './check-data.ts'
import type { Finding } from './findings.ts'
import { allOf, ill, well } from './findings.ts'

const OLDEST_POSTGRESQL = 15

/** Where accounts, sessions and events are kept: a folder that is ours, or a server that takes us for nobody too mighty. */
export const checkDatabase = async (config: Config, owner: LockOwner | null): Promise<Finding> =>
  config.databaseUrl === null
    ? allOf([await checkDirectory(config), checkLock(owner)])
    : onServer(config.databaseUrl, (database) => checkServer(database, config))

const checkServer = async (database: Database, { mode }: Config): Promise<Finding> => {
  const { version, major, role, isSuperuser } = await readServerFacts(database)
  const detail = `PostgreSQL ${version}, as ${role}`
  if (major < OLDEST_POSTGRESQL) return ill(`${detail}; ${OLDEST_POSTGRESQL} or newer is needed`)
  return isSuperuser && mode === 'production'
    ? ill(`${detail}, who may do anything; see docs/postgres.md for a role of the service's own`)
    : well(detail)
}

/** The schema, seen by the service when it runs, else here; nothing is migrated by looking. */
export const checkSchema = async (
  compose: Compose,
  config: Config,
  owner: LockOwner | null,
): Promise<Finding> => {
  if (config.databaseUrl !== null) return onServer(config.databaseUrl, lookAtSchema)
  if (config.dataDirectory === 'memory:') return well('made anew by each start')
  if (owner === null && !hasDatabase(config)) return well('to be made by the first start')
  const { exitCode, lines } = await runWhereDataIs(compose, 'schema', {})
  return exitCode === EXIT.ok ? well(lines.join(' ')) : ill(lines.join(' '))
}

const lookAtSchema = async (database: Database): Promise<Finding> => {
  const state = await schemaState(database)
  return state === 'current' ? well(describeSchemaState(state)) : ill(describeSchemaState(state))
}

const onServer = async (
  url: Secret,
  look: (database: Database) => Promise<Finding>,
): Promise<Finding> => {
  const database = openPostgres({ url: url.reveal(), applicationName: 'auth-doctor', poolSize: 1 })
  try {
    return await look(database)
  } catch (fault) {
    if (!(fault instanceof Unavailable)) throw fault
    return ill(`the server cannot be used: ${describeFault(fault.cause ?? fault)}`)
  } finally {
    await database.close()
  }
}
