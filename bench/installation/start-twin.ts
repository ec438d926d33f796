import { createDatabase } from './open-installation.ts'
import type { ServerProcess } from './processes.ts'
import { startServer } from './processes.ts'
import type { Servers } from './servers.ts'

/** The stream to which the twin publishes. */
export const TWIN_STREAM = 'TWIN'

type Twin = ServerProcess & { readonly databaseUrl: string }

/** Starts the twin (see programs/twin.ts) with so many users, on a new database of this name. */
export const startTwin = async (servers: Servers, name: string, users: number): Promise<Twin> => {
  const databaseUrl = await createDatabase(servers, name)
  const server = await startServer('bench/programs/twin.ts', {
    readyPath: '/ready',
    environment: {
      DATABASE_URL: databaseUrl,
      NATS_URL: new URL((await servers.nats()).url).host,
      STREAM: TWIN_STREAM,
      USERS: String(users),
    },
  })
  return { ...server, databaseUrl }
}
