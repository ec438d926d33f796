import postgres from 'postgres'
import { runCommand } from '../../tests/support/processes/service/start-service.ts'
import type { ServerProcess } from './processes.ts'
import { startServer } from './processes.ts'
import type { Servers } from './servers.ts'

/** The replicas of each stream: 1 on one NATS server, or 3 on three. */
export type Replicas = 1 | 3

export type Installation = {
  /** The settings of an instance. */
  readonly environment: Environment
  readonly databaseUrl: string
  /** All NATS servers, comma-separated. */
  readonly natsUrl: string
  readonly replicas: Replicas
  /** A connection with the rights of the owner of the schema. */
  readonly sql: postgres.Sql
  /** Starts one more instance. */
  start(environment?: Environment): Promise<ServerProcess>
}

/** Variables of the environment, by name. */
export type Environment = Readonly<Record<string, string>>

const SERVICE = 'src/main/bun.ts'

/**
 * An installation as in production: real servers, a migrated database and its own keys. No instance runs yet. Each instance
 * gets the variables of `ofInstances` besides its settings.
 */
export const openInstallation = async (
  servers: Servers,
  replicas: Replicas,
  name = `installation_${replicas}`,
  ofInstances: Environment = {},
): Promise<Installation> => {
  const databaseUrl = await createDatabase(servers, name)
  const natsUrl = (await (replicas === 1 ? servers.nats() : servers.cluster())).url
  const environment = {
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    PUBLIC_URL: 'https://auth.example.com',
    TRUSTED_PROXY_HOPS: '0',
    DATABASE_URL: databaseUrl,
    REDIS_URL: (await servers.redis()).url,
    NATS_URL: natsUrl,
    NATS_PROVISION: 'apply',
    NATS_STREAM_REPLICAS: String(replicas),
    ...RATE_LIMITS,
    ...(await generateKeys()),
  }
  await migrate(environment)
  const sql = postgres(databaseUrl, { max: 4, onnotice: () => {} })
  const start = (more: Environment = {}) =>
    startServer(SERVICE, {
      readyPath: '/health/ready',
      environment: { ...environment, ...ofInstances, ...more },
    })
  return { environment, databaseUrl, natsUrl, replicas, sql, start }
}

// All requests come from one IP address, and few accounts send them. These limits count requests and never refuse one.
const RATE_LIMITS = {
  RATE_LIMIT_REGISTER: '1000000/60',
  RATE_LIMIT_SIGN_IN_ACCOUNT_PREFIX: '1000000/60',
  RATE_LIMIT_SIGN_IN_ACCOUNT: '1000000/60',
  RATE_LIMIT_SIGN_IN_PREFIX: '1000000/60',
  RATE_LIMIT_SIGN_IN_SUCCESS: '1000000/60',
  RATE_LIMIT_PROFILE: '1000000/60',
  RATE_LIMIT_USERNAME: '1000000/60',
  RATE_LIMIT_REFRESH: '1000000/60',
}

/** Creates a database with the schema of the service. The URL of the database. */
export const createMigratedDatabase = async (servers: Servers, name: string): Promise<string> => {
  const databaseUrl = await createDatabase(servers, name)
  await migrate({ NODE_ENV: 'test', DATABASE_URL: databaseUrl })
  return databaseUrl
}

/** Creates an empty database. The URL of the database. */
export const createDatabase = async (
  servers: Servers,
  name: string,
  on: 'postgres' | 'replicating' = 'postgres',
): Promise<string> => {
  const server = new URL((await servers[on]()).url)
  const sql = postgres(server.href, { max: 1, onnotice: () => {} })
  await sql`create database ${sql(`${name}_test`)}`
  await sql.end()
  server.pathname = `/${name}_test`
  return server.href
}

/** Drops a database of `createDatabase`, whoever is connected to it. */
export const dropDatabase = async (databaseUrl: string): Promise<void> => {
  const server = new URL(databaseUrl)
  const name = server.pathname.slice(1)
  server.pathname = '/postgres'
  const sql = postgres(server.href, { max: 1, onnotice: () => {} })
  await sql`drop database ${sql(name)} with (force)`
  await sql.end()
}

const migrate = (environment: Environment) => runAuth('migrate', environment)

/** New keys, as `auth keys generate` prints them: lines of NAME='value'. */
const generateKeys = async (): Promise<Environment> => {
  const { stdout } = await runAuth('keys generate', {})
  const assignments = [...stdout.matchAll(/^([A-Z_]+)='(.+)'$/gm)]
  return Object.fromEntries(assignments.map(([, name = '', value = '']) => [name, value]))
}

/** @throws Error when the command fails. */
const runAuth = async (words: string, environment: Environment) => {
  const ended = await runCommand(words.split(' '), { environment })
  if (ended.exitCode !== 0) throw new Error(`auth ${words} failed: ${ended.stdout}${ended.stderr}`)
  return ended
}
