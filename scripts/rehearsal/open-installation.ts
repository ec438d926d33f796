import { connect } from 'node:net'
import { join } from 'node:path'
import postgres from 'postgres'
import { givenSite } from '../../tests/support/builders/service/given-site.ts'
import { freePort } from '../../tests/support/processes/native/free-port.ts'
import type { Environment, Spawned } from '../../tests/support/processes/native/spawn-process.ts'
import { BIN, spawnProcess } from '../../tests/support/processes/native/spawn-process.ts'
import { startService } from '../../tests/support/processes/service/start-service.ts'
import { atTheEnd } from '../../tests/support/processes/test-run/at-the-end.ts'
import { temporaryFolder } from '../../tests/support/processes/test-run/temporary-folder.ts'
import { givenNatsServer } from '../../tests/support/servers/nats/given-nats.ts'
import { givenPostgresServer } from '../../tests/support/servers/postgres/given-postgres.ts'
import type { Server } from '../../tests/support/servers/provide/server.ts'
import { givenRedisServer } from '../../tests/support/servers/redis/given-redis.ts'
import { ROOT } from '../repository.ts'
import { collectHandledEvents } from './handled-events.ts'
import { supervise } from './supervise.ts'
import type { Timeline } from './timeline.ts'

/** Starts the servers, two instances and the three example consumers. */
export const openInstallation = async (timeline: Timeline) => {
  const [database, redis, nats] = await Promise.all([
    givenPostgresServer(),
    givenRedisServer(),
    givenNatsServer(),
  ])
  const backendDatabase = await createDatabase(database.url, 'backend')
  const [backendPort, ...instancePorts] = [await freePort(), await freePort(), await freePort()]
  const backendUrl = `http://127.0.0.1:${backendPort}`
  const site = await givenSite({
    databaseUrl: database.url,
    redisUrl: redis.url,
    natsUrl: nats.url,
    environment: {
      BACKEND_SYNC_URL: `${backendUrl}/sync`,
      BACKEND_DIGEST_URL: `${backendUrl}/digest`,
      // All processes share one machine, so latencies are higher than in production.
      SYNC_P95_LIMIT_MS: '2000',
    },
  })
  const servers = {
    nats: await superviseServer('NATS', nats, timeline),
    database: await superviseServer('PostgreSQL', database, timeline),
    redis: await superviseServer('Redis', redis, timeline),
  }
  const handledEvents = collectHandledEvents()
  const startExample = (name: string, more: Environment) =>
    superviseExample(name, { NATS_URL: nats.url, ...more }, handledEvents.readerFor(name), timeline)
  const backend = await startExample('backend', {
    PORT: String(backendPort),
    DATABASE_URL: backendDatabase,
    BACKEND_SYNC_SECRET: site.environment['BACKEND_SYNC_SECRET'],
  })
  const instances = await Promise.all(
    instancePorts.map((port, place) =>
      supervise({
        name: `instance ${place + 1}`,
        timeline,
        start: async () => {
          const environment = { ...site.environment, PORT: String(port) }
          const service = await startService({ environment })
          atTheEnd(() => service.stop('SIGKILL'))
          return service
        },
        isGone: hasEnded,
      }),
    ),
  )
  const [social, chat] = await Promise.all([
    startExample('social', { PORT: '0', CARDS_FILE: join(temporaryFolder(), 'cards.sqlite') }),
    startExample('chat', { PORT: '0', AUTH_URL: site.environment['PUBLIC_URL'] }),
  ])
  const members = postgres(backendDatabase, { max: 2, onnotice: () => {} })
  atTheEnd(() => members.end({ timeout: 1 }))
  return {
    site,
    servers,
    natsServer: nats,
    instances,
    backend,
    social,
    chat,
    members,
    handledEvents,
  }
}

export type Installation = Awaited<ReturnType<typeof openInstallation>>

const hasEnded = (running: Pick<Spawned, 'ended'>): Promise<boolean> =>
  Promise.race([running.ended().then(() => true), Bun.sleep(0).then(() => false)])

/** Starts one of the examples as its own team would. It is ready when it prints its address. */
const superviseExample = (
  name: string,
  environment: Environment,
  onOutput: (text: string) => void,
  timeline: Timeline,
) =>
  supervise({
    name,
    timeline,
    isGone: hasEnded,
    start: async () => {
      const command = [join(BIN, 'bun'), join(ROOT, 'examples', name, 'main.ts')]
      const spawned = spawnProcess(command, environment)
      atTheEnd(async () => spawned.signal('SIGKILL'))
      let read = 0
      void spawned
        .waitFor(
          'more output',
          ({ stdout }) => {
            const end = stdout.lastIndexOf('\n') + 1
            if (end > read) onOutput(stdout.slice(read, end))
            read = end
            return undefined
          },
          86_400,
        )
        .catch(() => {})
      const url = await spawned.waitFor(
        'its address',
        ({ stdout }) => /is at (http:\S+)/.exec(stdout)?.[1],
        30,
      )
      return { ...spawned, url }
    },
  })

const superviseServer = async (name: string, server: Server, timeline: Timeline) => {
  let wasStarted = true
  return supervise({
    name,
    timeline,
    start: async () => {
      if (!wasStarted) await server.start()
      wasStarted = false
      return server
    },
    isGone: async () => !(await isListening(new URL(server.url))),
  })
}

const isListening = ({ hostname, port }: URL): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port) })
    const settle = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => settle(true)).once('error', () => settle(false))
  })

const createDatabase = async (url: string, name: string): Promise<string> => {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  await sql.unsafe(`create database ${name}`)
  await sql.end()
  const created = new URL(url)
  created.pathname = name
  return created.href
}
