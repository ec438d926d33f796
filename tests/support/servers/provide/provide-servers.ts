import { RUN_FOLDER } from '../../processes/test-run/test-run.ts'
import { sharedAccounts } from '../nats/nats-accounts.ts'
import { startNats } from '../nats/start-nats.ts'
import { startPostgres, testDatabaseOf } from '../postgres/start-postgres.ts'
import { startRedis } from '../redis/start-redis.ts'
import { findServerSources, formatSource, variableOf } from './find-server-sources.ts'
import { probeNats, probePostgres, probeRedis } from './probes.ts'
import type { FoundServer, Server, ServerName } from './server.ts'
import { isAtLeast, OLDEST_VERSIONS } from './server.ts'

export type Provided = {
  readonly name: ServerName
  /** One line: which version, and where it comes from. */
  readonly way: string
  /** What test processes read to find it. */
  readonly environment: Readonly<Record<string, string>>
}

export const SERVER_NAMES: readonly ServerName[] = ['PostgreSQL', 'Redis', 'NATS']

/** The server that was given, or one that runs until the tests end. Throws with what to install or mend. */
export const provideServer = async (name: ServerName): Promise<Provided> => {
  const url = process.env[variableOf(name, 'URL')]
  if (url !== undefined) return given(name, url)
  const found = await findServerSources(name)
  const [first, ...others] = await Promise.all(found.map((one) => launch(name, one)))
  if (first === undefined) throw new Error(`no ${name}`)
  const also = others.length === 0 ? '' : ` (also ${others.map(({ way }) => way).join(', ')})`
  const environment = {
    [variableOf(name, 'URL')]: first.url,
    [variableOf(name, 'SOURCE')]: formatSource(found[0].source),
    ...(name === 'PostgreSQL'
      ? {
          [OTHERS]: others.map(({ url }) => url).join(','),
          [OTHER_SOURCES]: found
            .slice(1)
            .map(({ source }) => formatSource(source))
            .join(','),
        }
      : {}),
  }
  return { name, way: `${first.way}${also}`, environment }
}

/** Where the PostgreSQL servers of other versions are, comma-separated. */
export const OTHERS = 'TEST_POSTGRES_OTHER_URLS'
/** How more of them can be started, in the same order. */
export const OTHER_SOURCES = 'TEST_POSTGRES_OTHER_SOURCES'

const launch = async (name: ServerName, { source, from }: FoundServer) => {
  const { url, version } = await start(name, source)
  demand(name, version, from)
  return { url, way: `${version} from ${from}` }
}

const PROBES = { PostgreSQL: probePostgres, Redis: probeRedis, NATS: probeNats }

const given = async (name: ServerName, url: string): Promise<Provided> => {
  const variable = variableOf(name, 'URL')
  if (name === 'PostgreSQL') testDatabaseOf(url)
  const version = await PROBES[name](url).catch((cause: unknown) => {
    throw new Error(`${variable} is set, but the server there is of no use`, { cause })
  })
  demand(name, version, variable)
  return { name, way: `${version}, given by ${variable}`, environment: { [variable]: url } }
}

const demand = (name: ServerName, version: string, from: string): void => {
  if (!isAtLeast(version, OLDEST_VERSIONS[name]))
    throw new Error(
      `${name} ${version} of ${from} is too old: ${OLDEST_VERSIONS[name]} or newer is needed`,
    )
}

const start = (name: ServerName, source: FoundServer['source']): Promise<Server> => {
  switch (name) {
    case 'PostgreSQL':
      return startPostgres(source, 'shared')
    case 'Redis':
      return startRedis(source)
    case 'NATS':
      return startNats(source, sharedAccounts)
  }
}

type Environment = Readonly<Record<string, string | undefined>>

const byName = new Map<ServerName, Promise<Environment>>()

/**
 * The environment in which a server is found. The test command has provided it; tests that are run without it
 * provide their own, once for all files of their process.
 */
export const provided = (name: ServerName): Promise<Environment> => {
  const known = byName.get(name) ?? provide(name)
  byName.set(name, known)
  return known
}

const provide = async (name: ServerName): Promise<Environment> => {
  const byTheCommand = process.env[RUN_FOLDER] !== undefined
  if (byTheCommand && process.env[variableOf(name, 'URL')] !== undefined) return process.env
  const { way, environment } = await provideServer(name)
  process.stderr.write(`${name}: ${way}\n`)
  return environment
}
