import { createServer } from 'node:net'
import { shownHost } from '../../../domain/shared/server-address.ts'
import type { DirectoryOwner } from './check-data.ts'
import type { Finding } from './findings.ts'
import { allOf, ill, warned, well } from './findings.ts'

type ListenAddress = { readonly host: string; readonly port: number }

export type ServiceNeeds = {
  readonly listener: ListenAddress
  readonly management: ListenAddress
  readonly owner: DirectoryOwner | null
}

/** The health of the service when it runs. Otherwise whether its ports are free. */
export const checkService = async (needs: ServiceNeeds): Promise<Finding> => {
  const { listener, management, owner } = needs
  const port = owner?.managementPort ?? management.port
  const health = port === 0 ? null : await askHealth(management.host, port)
  if (health !== null) return health
  if (owner !== null) return ill(`process ${owner.processId} does not answer on port ${port}`)
  const free = await Promise.all([
    checkPort(listener, 'PORT'),
    checkPort(management, 'MANAGEMENT_PORT'),
  ])
  return allOf([well('not running here'), ...free])
}

const checkPort = async (address: ListenAddress, variable: string): Promise<Finding> => {
  const { host, port } = address
  if (port === 0) return well('any free one')
  return (await isFree(address))
    ? well(`${shownHost(host, port)} is free`)
    : ill(`${shownHost(host, port)} cannot be listened on; set ${variable}`)
}

const isFree = ({ host, port }: ListenAddress): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)))
  })

const PATIENCE_MILLISECONDS = 5000

/** Null when nothing answers there. */
const askHealth = async (host: string, port: number): Promise<Finding | null> => {
  const address = `http://${shownHost(host, port)}/health`
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(PATIENCE_MILLISECONDS) })
    const health: unknown = await response.json()
    if (!isHealth(health)) return ill(`${address} answers ${response.status}, and no health`)
    if (health.status !== 'healthy') return ill(health.status)
    const warnings = warningsOf(health)
    return warnings.length === 0 ? well('healthy') : warned(['healthy', ...warnings].join('; '))
  } catch {
    return null
  }
}

const isHealth = (value: unknown): value is { readonly status: string } =>
  typeof value === 'object' &&
  value !== null &&
  'status' in value &&
  typeof value.status === 'string'

const warningsOf = (health: object): readonly string[] =>
  'warnings' in health && Array.isArray(health.warnings) ? health.warnings.map(String) : []
