import type { Database } from '../adapters/postgres/driver/database.ts'
import { openPglite } from '../adapters/postgres/driver/open-pglite.ts'
import { openPostgres } from '../adapters/postgres/driver/open-postgres.ts'
import type { Config } from './config.ts'

/** The PostgreSQL server that is named, else the one inside this process. */
export const openDatabase = async (
  { databaseUrl }: Config,
  embeddedPath: string,
): Promise<Database> =>
  databaseUrl === null
    ? openPglite(embeddedPath)
    : openPostgres({ url: databaseUrl.reveal(), applicationName: 'auth-service' })
