import { join } from 'node:path'
import { ACCOUNT } from './account.ts'
import { post } from './callers/requests.ts'
import type { Server } from './children.ts'
import { startServer, temporaryFolder } from './children.ts'
import { always } from './figure.ts'
import type { Servers } from './servers.ts'
import { makeServers } from './servers.ts'
import type { Nodes, Site } from './site.ts'
import { migratedDatabase, newDatabase, openSite } from './site.ts'

/** A site with one instance that answers and delivers, and the account in it. */
export type Stand = Site & { readonly service: Server }

/** What figures are measured on; each part is there once it is asked for. */
export type Stage = {
  readonly servers: Servers
  /** The service on real servers. */
  stand(nodes: Nodes): Promise<Stand>
  /** See programs/bare.ts; its tables are on the same PostgreSQL, in databases of their own. */
  bare(): Promise<Server>
  close(): Promise<void>
}

export const openStage = (): Stage => {
  const servers = makeServers()
  const stands = new Map<Nodes, Promise<Stand>>()
  let bare: Promise<Server> | null = null
  return {
    servers,
    stand: (nodes) => {
      const known = stands.get(nodes) ?? openStand(servers, nodes)
      stands.set(nodes, known)
      return known
    },
    bare: () => {
      bare ??= startBare(servers)
      return bare
    },
    close: async () => {
      for (const opened of stands.values()) {
        const { service, sql } = await opened
        await service.stop()
        await sql.end()
      }
      await (await bare)?.stop()
    },
  }
}

const openStand = async (servers: Servers, nodes: Nodes): Promise<Stand> => {
  const site = await openSite(servers, nodes)
  const service = await site.start()
  await registerAccount(service)
  return { ...site, service }
}

const startBare = async (servers: Servers): Promise<Server> =>
  startServer('bench/programs/bare.ts', {
    readyPath: '/ready',
    environment: {
      DATABASE_URL: await newDatabase(servers, 'bare'),
      MIGRATED_DATABASE_URL: await migratedDatabase(servers, 'bare_migrated'),
    },
  })

export const registerAccount = async ({ url }: Server): Promise<void> => {
  const registered = await post(`${url}/v1/auth/register`, ACCOUNT)
  if (!registered.ok) throw new Error(`registering answered ${registered.status}`)
  await registered.body?.cancel()
}

/** Starts the service with all parts embedded, without budgets, on a data directory. */
export const startEmbedded = (dataDirectory: string): Promise<Server> =>
  startServer('src/main/bun.ts', {
    readyPath: '/health/ready',
    environment: { NODE_ENV: 'test', RATE_LIMITS: 'off', DATA_DIR: dataDirectory },
  })

/** A data directory that no service has seen. */
export const newDataDirectory = (): string => join(temporaryFolder(), 'data')

/** What the bare side measures by itself, without HTTP. */
export const bareWork = ({ bare }: Stage, what: 'hashes' | 'updates' | 'transactions') =>
  always(async () => {
    const { url } = await bare()
    const response = await fetch(`${url}/measured/${what}`, { method: 'POST' })
    if (!response.ok) throw new Error(`${what}: ${await response.text()}`)
    return Number(await response.text())
  })
