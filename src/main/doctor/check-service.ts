import { createServer } from 'node:net'
import type { LockOwner } from '../../adapters/filesystem/directory-lock.ts'
import { runWhereDataIs } from '../commands/reach-service.ts'
import type { Compose } from '../composition.ts'
import type { Config, Listener } from '../config.ts'
import { EXIT } from '../exit-codes.ts'
import { hasDatabase } from './check-data.ts'
import type { Finding } from './findings.ts'
import { ill, well } from './findings.ts'

/** The schema, seen by the service when it runs, else here; nothing is migrated by looking. */
export const checkSchema = async (
  compose: Compose,
  config: Config,
  owner: LockOwner | null,
): Promise<Finding> => {
  if (config.dataDirectory === 'memory:') return well('made anew by each start')
  if (owner === null && !hasDatabase(config)) return well('to be made by the first start')
  const { exitCode, lines } = await runWhereDataIs(compose, 'schema', {})
  return exitCode === EXIT.ok ? well(lines.join(' ')) : ill(lines.join(' '))
}

export const checkPort = async (
  listener: Listener,
  variable: string,
  owner: LockOwner | null,
): Promise<Finding> => {
  const { host, port } = listener
  if (port === 0) return well('any free one')
  if (owner !== null) return well(`${host}:${port}, left to the running service`)
  return (await isFree(listener))
    ? well(`${host}:${port} is free`)
    : ill(`${host}:${port} cannot be listened on; set ${variable}`)
}

const isFree = ({ host, port }: Listener): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)))
  })

const PATIENCE_MILLISECONDS = 5000

export const checkHealth = async (config: Config, owner: LockOwner | null): Promise<Finding> => {
  if (owner === null) return well('not running')
  const { host } = config.management
  const address = `http://${host.includes(':') ? `[${host}]` : host}:${owner.managementPort}/health`
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(PATIENCE_MILLISECONDS) })
    const health: unknown = await response.json()
    const status = isHealth(health) ? health.status : `answers ${response.status}`
    return status === 'healthy' ? well(status) : ill(status)
  } catch {
    return ill(`${address} does not answer`)
  }
}

const isHealth = (value: unknown): value is { readonly status: string } =>
  typeof value === 'object' &&
  value !== null &&
  'status' in value &&
  typeof value.status === 'string'
