import { join } from 'node:path'
import { ACCOUNT } from './account.ts'
import { post } from './callers/requests.ts'
import type { Server } from './children.ts'
import { startServer, temporaryFolder } from './children.ts'
import { always } from './figure.ts'

/** What figures are measured on. */
export type Stage = {
  /** The service on embedded parts, without budgets. */
  readonly service: Server
  /** See programs/bare.ts. */
  readonly bare: Server
}

const SERVICE = 'src/main/bun.ts'

/** Starts the service on a data directory. */
export const startService = (dataDirectory: string): Promise<Server> =>
  startServer(SERVICE, {
    readyPath: '/health/ready',
    environment: { NODE_ENV: 'test', RATE_LIMITS: 'off', DATA_DIR: dataDirectory },
  })

/** A data directory that no service has seen. */
export const newDataDirectory = (): string => join(temporaryFolder(), 'data')

/** Starts both sides, each on a database of its own in a folder, and registers the account. */
export const openStage = async (): Promise<Stage> => {
  const service = await startService(newDataDirectory())
  const bare = await startServer('bench/programs/bare.ts', {
    readyPath: '/ready',
    environment: { DATA_DIR: newDataDirectory() },
  })
  const registered = await post(`${service.url}/v1/auth/register`, ACCOUNT)
  if (!registered.ok) throw new Error(`registering answered ${registered.status}`)
  await registered.body?.cancel()
  return { service, bare }
}

/** What the bare side measures by itself, without HTTP. */
export const bareWork = ({ bare }: Stage, what: 'hashes' | 'updates') =>
  always(async () => {
    const response = await fetch(`${bare.url}/measured/${what}`, { method: 'POST' })
    return Number(await response.text())
  })
