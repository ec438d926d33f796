import { RUN_FOLDER } from '../../processes/test-run/run-folder.ts'
import { variableOf } from './find-means.ts'
import { provideServer } from './provide-servers.ts'
import type { ServerName } from './server.ts'

type Environment = Readonly<Record<string, string | undefined>>

const byName = new Map<ServerName, Promise<Environment>>()

/**
 * The environment in which a server is found. The test command has provided it; tests that are run without it
 * provide their own, once for all files of their process.
 */
export const provided = (name: ServerName): Promise<Environment> => {
  const known = byName.get(name) ?? provide(name)
  byName.set(name, known)
  return known
}

const provide = async (name: ServerName): Promise<Environment> => {
  const byTheCommand = process.env[RUN_FOLDER] !== undefined
  if (byTheCommand && process.env[variableOf(name, 'URL')] !== undefined) return process.env
  const { way, environment } = await provideServer(name)
  process.stderr.write(`${name}: ${way}\n`)
  return environment
}
