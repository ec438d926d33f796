import type { Environment, Problem, ReadFile } from './read-settings.ts'
import { readSetting } from './read-settings.ts'
import type { Secret } from './secret.ts'
import { makeSecret } from './secret.ts'
import { SETTINGS } from './settings.ts'

/** The service's address of the database, or the problems with it. Reads nothing else. */
export const readDatabaseUrl = (
  environment: Environment,
  readFile: ReadFile,
): { readonly url: Secret | null } | { readonly problems: readonly string[] } => {
  const problems: string[] = []
  const problem: Problem = (name, complaint) => problems.push(`${name} ${complaint}`)
  const url = readSetting(SETTINGS.databaseUrl, environment, readFile, problem)
  return problems.length > 0 ? { problems } : { url: url === null ? null : makeSecret(url) }
}
