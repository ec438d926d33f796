import postgres from 'postgres'
import { runCommand } from '../tests/support/processes/start-service.ts'
import type { Server as Process } from './children.ts'
import { startServer } from './children.ts'
import type { Servers } from './servers.ts'

/** One NATS server with streams of one replica, or three with three. */
export type Nodes = 1 | 3

export type Site = {
  /** What an operator sets. */
  readonly environment: Readonly<Record<string, string>>
  readonly databaseUrl: string
  /** All servers, comma-separated. */
  readonly natsUrl: string
  readonly nodes: Nodes
  /** The database as its owner sees it. */
  readonly sql: postgres.Sql
  /** One more instance. */
  start(environment?: Readonly<Record<string, string>>): Promise<Process>
}

const SERVICE = 'src/main/bun.ts'

/** An installation in production: real servers, a migrated database, keys of its own. No instance runs yet. */
export const openSite = async (
  servers: Servers,
  nodes: Nodes,
  name = `site_${nodes}`,
): Promise<Site> => {
  const databaseUrl = await newDatabase(servers, name)
  const natsUrl = (await (nodes === 1 ? servers.nats() : servers.cluster())).url
  const environment = {
    ...{ NODE_ENV: 'production', HOST: '127.0.0.1', PUBLIC_URL: 'https://auth.example.com' },
    ...{ DATABASE_URL: databaseUrl, REDIS_URL: (await servers.redis()).url, NATS_URL: natsUrl },
    ...{ NATS_PROVISION: 'apply', NATS_STREAM_REPLICAS: String(nodes) },
    ...LIMITS,
    ...(await generateKeys()),
  }
  await migrate(environment)
  const sql = postgres(databaseUrl, { max: 4, onnotice: () => {} })
  const start = (more: Readonly<Record<string, string>> = {}) =>
    startServer(SERVICE, { readyPath: '/health/ready', environment: { ...environment, ...more } })
  return { environment, databaseUrl, natsUrl, nodes, sql, start }
}

// Everybody comes from one address here, and few accounts do what many would. Counted they are all the same.
const LIMITS = {
  RATE_LIMIT_REGISTER: '1000000/60',
  RATE_LIMIT_SIGN_IN_ACCOUNT_PREFIX: '1000000/60',
  RATE_LIMIT_SIGN_IN_ACCOUNT: '1000000/60',
  RATE_LIMIT_SIGN_IN_PREFIX: '1000000/60',
  RATE_LIMIT_REFRESH: '1000000/60',
}

/** A database with the schema of the service and nothing that works on it. */
export const migratedDatabase = async (servers: Servers, name: string): Promise<string> => {
  const databaseUrl = await newDatabase(servers, name)
  await migrate({ NODE_ENV: 'test', DATABASE_URL: databaseUrl })
  return databaseUrl
}

/** An empty database. */
export const newDatabase = async (
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

const migrate = (environment: Readonly<Record<string, string>>) => succeed('migrate', environment)

/** As an operator gets them: lines of NAME='value'. */
const generateKeys = async (): Promise<Readonly<Record<string, string>>> => {
  const { stdout } = await succeed('keys generate', {})
  const assignments = [...stdout.matchAll(/^([A-Z_]+)='(.+)'$/gm)]
  return Object.fromEntries(assignments.map(([, name = '', value = '']) => [name, value]))
}

const succeed = async (words: string, environment: Readonly<Record<string, string>>) => {
  const ended = await runCommand(words.split(' '), { environment })
  if (ended.exitCode !== 0) throw new Error(`auth ${words} failed: ${ended.stdout}${ended.stderr}`)
  return ended
}
