import type { Environment, Problem, ReadFile } from './read-settings.ts'
import { readSetting } from './read-settings.ts'
import type { Secret } from './secret.ts'
import { makeSecret } from './secret.ts'
import { SETTINGS } from './settings.ts'
import { findUnknownNames } from './unknown-names.ts'

export type MigrationUrlReading =
  | { readonly url: Secret | null }
  | { readonly problems: readonly string[] }

/** The owner's address of the database: MIGRATION_DATABASE_URL, else DATABASE_URL. Reads nothing else. */
export const readMigrationUrl = (
  environment: Environment,
  readFile: ReadFile,
): MigrationUrlReading => {
  const problems: string[] = []
  const problem: Problem = (name, complaint) => problems.push(`${name} ${complaint}`)
  const read = (setting: typeof SETTINGS.databaseUrl) =>
    readSetting(setting, environment, readFile, problem)
  const url = read(SETTINGS.migrationDatabaseUrl) ?? read(SETTINGS.databaseUrl)
  findUnknownNames(environment, problem)
  return problems.length > 0 ? { problems } : { url: url === null ? null : makeSecret(url) }
}
