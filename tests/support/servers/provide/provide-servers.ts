import { RUN_FOLDER } from '../../processes/test-run/test-run.ts'
import { sharedAccounts } from '../nats/nats-accounts.ts'
import { startNats } from '../nats/start-nats.ts'
import { startPostgres, testDatabaseOf } from '../postgres/start-postgres.ts'
import { startRedis } from '../redis/start-redis.ts'
import { findMeans, tellMeans, variableOf } from './find-means.ts'
import { probeNats, probePostgres, probeRedis } from './probes.ts'
import type { Found, Server, ServerName } from './server.ts'
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
  const found = await findMeans(name)
  const [first, ...others] = await Promise.all(found.map((one) => launch(name, one)))
  if (first === undefined) throw new Error(`no ${name}`)
  const also = others.length === 0 ? '' : ` (also ${others.map(({ way }) => way).join(', ')})`
  const environment = {
    [variableOf(name, 'URL')]: first.url,
    [variableOf(name, 'MEANS')]: tellMeans(found[0].means),
    ...(name === 'PostgreSQL'
      ? {
          [OTHERS]: others.map(({ url }) => url).join(','),
          [OTHER_MEANS]: found
            .slice(1)
            .map(({ means }) => tellMeans(means))
            .join(','),
        }
      : {}),
  }
  return { name, way: `${first.way}${also}`, environment }
}

/** Where the PostgreSQL servers of other versions are, comma-separated. */
export const OTHERS = 'TEST_POSTGRES_OTHER_URLS'
/** How more of them can be started, in the same order. */
export const OTHER_MEANS = 'TEST_POSTGRES_OTHER_MEANS'

const launch = async (name: ServerName, { means, from }: Found) => {
  const { url, version } = await start(name, means)
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

const start = (name: ServerName, means: Found['means']): Promise<Server> => {
  switch (name) {
    case 'PostgreSQL':
      return startPostgres(means, 'shared')
    case 'Redis':
      return startRedis(means)
    case 'NATS':
      return startNats(means, sharedAccounts)
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
