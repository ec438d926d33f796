import process from 'node:process'
import type { CommandOutcome } from '../../ports/driving/operations/owner-commands.ts'
import { readMigrationUrl } from '../config/migration-url.ts'
import { readTextFile, refuseProblems } from '../configuration.ts'
import { describeSchemaRefusal } from '../describe-schema-refusal.ts'
import { migrateAsOwner } from '../prepare-schema.ts'
import { reportMigration } from './report-migration.ts'

/**
 * Migrates a server with nothing set but its address, so that whoever has the owner's password needs none of the
 * service's keys. Null where no server is named.
 */
export const migrateServer = async (): Promise<CommandOutcome | null> => {
  const reading = readMigrationUrl(process.env, readTextFile)
  if ('problems' in reading) return refuseProblems(reading.problems)
  const { url } = reading
  if (url === null) return null
  const migrated = await migrateAsOwner(url)
  return migrated.ok
    ? reportMigration(migrated.value)
    : describeSchemaRefusal(migrated.refusal, { databaseUrl: url, dataDirectory: '' })
}
