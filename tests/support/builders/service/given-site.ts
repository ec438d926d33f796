import type { ConnectionOptions } from 'nats'
import postgres from 'postgres'
import type { Environment } from '../../processes/native/spawn-process.ts'
import type { Service } from '../../processes/service/start-service.ts'
import { runCommand, startService } from '../../processes/service/start-service.ts'
import { atTheEnd } from '../../processes/test-run/at-the-end.ts'
import { givenNats } from '../../servers/nats/given-nats.ts'
import { givenPostgres } from '../../servers/postgres/given-postgres.ts'
import { givenRedis } from '../../servers/redis/given-redis.ts'

/** Servers that a test starts for one site, and may stop or freeze. The others are the servers of this run. */
type Servers = {
  readonly databaseUrl?: string
  readonly redisUrl?: string
  /** A server without accounts, or several, comma-separated. */
  readonly natsUrl?: string
  readonly environment?: Environment
}

/** An installation in production, with a migrated database and keys that are nobody else's. */
export type Site = {
  readonly environment: Environment
  /** For any client of NATS. */
  readonly nats: ConnectionOptions
  /** The database as its owner sees it. */
  readonly sql: postgres.Sql
  /** One more instance. `closeSites` kills it if it still runs. */
  start(environment?: Environment): Promise<Service>
}

export const PUBLIC_URL = 'https://auth.example.com'

export const givenSite = async (servers: Servers = {}): Promise<Site> => {
  const [databaseUrl, redisUrl, nats, keys] = await Promise.all([
    servers.databaseUrl ?? givenPostgres().then(({ url }) => url),
    servers.redisUrl ?? givenRedis().then(({ url }) => url),
    natsOf(servers),
    generateKeys(),
  ])
  const environment = {
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    PUBLIC_URL,
    TRUSTED_PROXY_HOPS: '0',
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    ...nats.environment,
    NATS_PROVISION: 'apply',
    NATS_STREAM_REPLICAS: '1',
    // Everybody comes from one address here.
    RATE_LIMIT_REGISTER: '100000/60',
    RATE_LIMIT_SIGN_IN_PREFIX: '100000/60',
    RATE_LIMIT_SIGN_IN_SUCCESS: '100000/60',
    RATE_LIMIT_PROFILE: '100000/60',
    RATE_LIMIT_USERNAME: '100000/60',
    ...keys,
    ...servers.environment,
  }
  await succeed('migrate', environment)
  const sql = postgres(databaseUrl, { max: 4, onnotice: () => {} })
  undo(() => sql.end({ timeout: 1 }))
  const start = async (more: Environment = {}) => {
    const service = await startService({ environment: { ...environment, ...more } })
    undo(() => service.stop('SIGKILL'))
    return service
  }
  return { environment, nats: nats.connection, sql, start }
}

const steps: (() => Promise<unknown>)[] = []
const undo = (step: () => Promise<unknown>): void => {
  if (steps.length === 0) atTheEnd(closeSites)
  steps.push(step)
}

/** For `afterAll` of each file. A site that keeps running would deliver into the NATS account of the next file. */
export const closeSites = async (): Promise<void> => {
  for (let step = steps.pop(); step !== undefined; step = steps.pop()) await step()
}

const natsOf = async ({ natsUrl }: Servers) => {
  if (natsUrl === undefined) return givenNats()
  const servers = natsUrl.split(',').map((url) => new URL(url).host)
  return { connection: { servers }, environment: { NATS_URL: natsUrl } }
}

/** As an operator gets them: lines of NAME='value'. */
const generateKeys = async (): Promise<Environment> => {
  const { stdout } = await succeed('keys generate', {})
  const assignments = [...stdout.matchAll(/^([A-Z_]+)='(.+)'$/gm)]
  return Object.fromEntries(assignments.map(([, name = '', value]) => [name, value]))
}

const succeed = async (words: string, environment: Environment) => {
  const ended = await runCommand(words.split(' '), { environment })
  if (ended.exitCode !== 0) throw new Error(`auth ${words} failed: ${ended.stdout}${ended.stderr}`)
  return ended
}
