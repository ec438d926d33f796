import { connect } from 'node:net'
import { join } from 'node:path'
import postgres from 'postgres'
import { givenSite } from '../../tests/support/builders/given-site.ts'
import { atTheEnd } from '../../tests/support/processes/at-the-end.ts'
import { freePort } from '../../tests/support/processes/free-port.ts'
import type { Environment, Spawned } from '../../tests/support/processes/spawn-process.ts'
import { BIN, ROOT, spawnProcess } from '../../tests/support/processes/spawn-process.ts'
import { startService } from '../../tests/support/processes/start-service.ts'
import { temporaryFolder } from '../../tests/support/processes/temporary-folder.ts'
import { givenNatsServer } from '../../tests/support/servers/given-nats.ts'
import { givenPostgresServer } from '../../tests/support/servers/given-postgres.ts'
import { givenRedisServer } from '../../tests/support/servers/given-redis.ts'
import type { Server } from '../../tests/support/servers/server.ts'
import { listen } from './consumer-log.ts'
import type { Journal } from './journal.ts'
import { keepAlive } from './keep-alive.ts'

/** Everything that takes part: servers, two instances, and the three consumers that the examples are. */
export const setStage = async (journal: Journal) => {
  const [database, redis, nats] = await Promise.all([
    givenPostgresServer(),
    givenRedisServer(),
    givenNatsServer(),
  ])
  const backendDatabase = await makeDatabase(database.url, 'backend')
  const [backendPort, ...instancePorts] = [await freePort(), await freePort(), await freePort()]
  const backendUrl = `http://127.0.0.1:${backendPort}`
  const site = await givenSite({
    ...{ databaseUrl: database.url, redisUrl: redis.url, natsUrl: nats.url },
    environment: {
      ...{ BACKEND_SYNC_URL: `${backendUrl}/sync`, BACKEND_DIGEST_URL: `${backendUrl}/digest` },
      // Processes of the rehearsal share one machine with whatever else runs there.
      SYNC_P95_LIMIT_MS: '2000',
    },
  })
  const servers = {
    nats: await keepServer('NATS', nats, journal),
    database: await keepServer('PostgreSQL', database, journal),
    redis: await keepServer('Redis', redis, journal),
  }
  const log = listen()
  const example = (name: string, more: Environment) =>
    keepExample(name, { NATS_URL: nats.url, ...more }, log.from(name), journal)
  const backend = await example('backend', {
    ...{ PORT: String(backendPort), DATABASE_URL: backendDatabase },
    BACKEND_SYNC_SECRET: site.environment['BACKEND_SYNC_SECRET'],
  })
  const instances = await Promise.all(
    instancePorts.map((port, place) =>
      keepAlive({
        ...{ name: `instance ${place + 1}`, journal },
        start: () =>
          startService({ environment: { ...site.environment, PORT: String(port) } }).then((it) => {
            atTheEnd(() => it.stop('SIGKILL'))
            return it
          }),
        isGone: hasEnded,
      }),
    ),
  )
  const [social, chat] = await Promise.all([
    example('social', {
      ...{ PORT: '0', CARDS_FILE: join(temporaryFolder(), 'cards.sqlite') },
    }),
    example('chat', { PORT: '0', AUTH_URL: site.environment['PUBLIC_URL'] }),
  ])
  const members = postgres(backendDatabase, { max: 2, onnotice: () => {} })
  atTheEnd(() => members.end({ timeout: 1 }))
  return { site, servers, natsServer: nats, instances, backend, social, chat, members, log }
}

export type Stage = Awaited<ReturnType<typeof setStage>>

const hasEnded = (running: Pick<Spawned, 'ended'>): Promise<boolean> =>
  Promise.race([running.ended().then(() => true), Bun.sleep(0).then(() => false)])

/** One of the examples, as its team would start it; it is there once it says where. */
const keepExample = (
  name: string,
  environment: Environment,
  said: (text: string) => void,
  journal: Journal,
) =>
  keepAlive({
    ...{ name, journal, isGone: hasEnded },
    start: async () => {
      const command = [join(BIN, 'bun'), join(ROOT, 'examples', name, 'main.ts')]
      const spawned = spawnProcess(command, environment)
      atTheEnd(async () => spawned.signal('SIGKILL'))
      let heard = 0
      void spawned
        .waitFor(
          'nothing',
          ({ stdout }) => {
            const end = stdout.lastIndexOf('\n') + 1
            if (end > heard) said(stdout.slice(heard, end))
            heard = end
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

const keepServer = async (name: string, server: Server, journal: Journal) => {
  let wasStarted = true
  return keepAlive({
    ...{ name, journal },
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

const makeDatabase = async (url: string, name: string): Promise<string> => {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  await sql.unsafe(`create database ${name}`)
  await sql.end()
  const made = new URL(url)
  made.pathname = name
  return made.href
}
