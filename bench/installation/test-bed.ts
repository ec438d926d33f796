import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { ROOT } from '../../scripts/repository.ts'
import { ACCOUNT, post } from '../load/requests.ts'
import { withoutSetUp } from '../measurement/figure.ts'
import type { Environment, Installation, Replicas } from './open-installation.ts'
import { createDatabase, createMigratedDatabase, openInstallation } from './open-installation.ts'
import type { ServerProcess } from './processes.ts'
import { startServer, temporaryFolder } from './processes.ts'
import type { Servers } from './servers.ts'
import { makeServers } from './servers.ts'

/** An installation with one instance, and with ACCOUNT registered. */
export type RunningInstallation = Installation & { readonly service: ServerProcess }

/** What figures are measured on. Each part is started when it is first used. */
export type TestBed = {
  readonly servers: Servers
  /** A new installation on the same servers, without an instance. Who opens it closes it. */
  newInstallation(replicas: Replicas, name: string): Promise<Installation>
  /** The service on real servers. */
  installation(replicas: Replicas): Promise<RunningInstallation>
  /** See programs/bare.ts. Its databases are on the same PostgreSQL. */
  bareServer(): Promise<ServerProcess>
  close(): Promise<void>
}

/** Each instance of the service gets the variables of `ofInstances` besides its settings. */
export const openTestBed = (servers = makeServers(), ofInstances: Environment = {}): TestBed => {
  const newInstallation: TestBed['newInstallation'] = (replicas, name) =>
    openInstallation(servers, replicas, name, ofInstances)
  const installations = new Map<Replicas, Promise<RunningInstallation>>()
  let bareServer: Promise<ServerProcess> | null = null
  return {
    servers,
    newInstallation,
    installation: (replicas) => {
      const known =
        installations.get(replicas) ??
        startInstance(newInstallation(replicas, `installation_${replicas}`))
      installations.set(replicas, known)
      return known
    },
    bareServer: () => {
      bareServer ??= startBareServer(servers)
      return bareServer
    },
    close: async () => {
      for (const opened of installations.values()) {
        const { service, sql } = await opened
        await service.stop()
        await sql.end()
      }
      await (await bareServer)?.stop()
    },
  }
}

const startInstance = async (opening: Promise<Installation>): Promise<RunningInstallation> => {
  const installation = await opening
  const service = await installation.start()
  await registerAccount(service)
  return { ...installation, service }
}

const startBareServer = async (servers: Servers): Promise<ServerProcess> =>
  startServer('bench/programs/bare.ts', {
    readyPath: '/ready',
    environment: {
      DATABASE_URL: await createDatabase(servers, 'bare'),
      MIGRATED_DATABASE_URL: await createMigratedDatabase(servers, 'bare_migrated'),
    },
  })

export const registerAccount = async ({ url }: ServerProcess): Promise<void> => {
  const response = await post(`${url}/v1/auth/register`, ACCOUNT)
  if (!response.ok) throw new Error(`registering the account was answered ${response.status}`)
  await response.body?.cancel()
}

/** The address of the service on real servers. */
export const serviceAddress = (testBed: TestBed) => async (): Promise<string> =>
  (await testBed.installation(1)).service.url

/** The address of a route of the bare server. */
export const bareAddress = (testBed: TestBed, path: string) => async (): Promise<string> =>
  `${(await testBed.bareServer()).url}${path}`

/** A side that the bare server measures by itself, without HTTP. Its value is a number per second. */
export const bareWork = ({ bareServer }: TestBed, what: 'hashes' | 'updates' | 'transactions') =>
  withoutSetUp(async () => {
    const { url } = await bareServer()
    const response = await fetch(`${url}/measured/${what}`, { method: 'POST' })
    if (!response.ok) throw new Error(`${what}: ${await response.text()}`)
    return Number(await response.text())
  })

/** Starts the service with embedded parts and without rate limits, on a data folder. */
export const startEmbedded = (dataFolder: string): Promise<ServerProcess> =>
  startServer('src/main/bun.ts', {
    readyPath: '/health/ready',
    environment: { NODE_ENV: 'test', RATE_LIMITS: 'off', DATA_DIR: dataFolder },
  })

/** The path of a data folder that does not exist yet. */
export const newDataFolder = (): string => join(temporaryFolder(), 'data')

export const PEERS = 'bench/peers'

/** Installs the packages of the programs in bench/peers, which have a package.json of their own. */
export const installPeers = (): void => {
  const cwd = join(ROOT, PEERS)
  execFileSync(process.execPath, ['install', '--frozen-lockfile'], { cwd, stdio: 'ignore' })
}
