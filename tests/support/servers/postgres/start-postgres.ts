import { execFile } from 'node:child_process'
import { chownSync, cpSync, existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import postgres from 'postgres'
import { freePort } from '../../processes/native/free-port.ts'
import { openProcess } from '../../processes/native/open-process.ts'
import { keepFirst, newFolder, runFolder } from '../../processes/test-run/test-run.ts'
import { probePostgres } from '../provide/probes.ts'
import type { Server, ServerSource } from '../provide/server.ts'
import { serverOf } from '../provide/server.ts'

const DATABASE = 'auth_test'

/**
 * `shared` trades what only a power cut would miss for speed; fault tests take the settings of a real server. A
 * `replicating` one has those too, and tells its changes to whoever reads its log.
 */
export type PostgresUse = 'shared' | 'private' | 'replicating'

/** A started PostgreSQL with the empty database `auth_test` and the superuser `postgres`, who needs no password. */
export const startPostgres = async (source: ServerSource, use: PostgresUse): Promise<Server> => {
  const port = await freePort()
  const url = `postgres://postgres@127.0.0.1:${port}/${DATABASE}`
  const args = ['-c', 'max_connections=300', ...SETTINGS[use]]
  const running =
    source.kind === 'image'
      ? await contained(source.image, port, args)
      : await native(source.path, port, args)
  return serverOf(running, url, probePostgres)
}

const SETTINGS: Readonly<Record<PostgresUse, readonly string[]>> = {
  // A vacuum of its own accord holds back the ledger's tail for a moment, as any transaction does.
  shared: ['-c', 'fsync=off', '-c', 'full_page_writes=off', '-c', 'autovacuum=off'],
  private: [],
  replicating: ['-c', 'wal_level=logical'],
}

const contained = async (image: string, port: number, args: readonly string[]) => {
  const { openContainer } = await import('../provide/open-container.ts')
  return openContainer({
    image,
    args: ['postgres', ...args],
    environment: { POSTGRES_HOST_AUTH_METHOD: 'trust', POSTGRES_DB: DATABASE },
    port: { inside: 5432, outside: port },
    // While it makes its first database the image runs a server that listens on no address.
    ready: /listening on IPv4/,
    answers: () => probePostgres(`postgres://postgres@127.0.0.1:${port}/${DATABASE}`),
  })
}

const native = async (programs: string, port: number, args: readonly string[]) => {
  const bin = reachable(programs)
  const folder = newFolder('postgres')
  const user = process.getuid?.() === 0 ? NOBODY : undefined
  if (user !== undefined) chownSync(folder, user.uid, user.gid)
  await initialise(bin, folder, user)
  const maintenance = `postgres://postgres@127.0.0.1:${port}/postgres`
  return openProcess({
    program: join(bin, 'postgres'),
    args: ['-D', 'data', '-p', String(port), '-k', '', '-c', 'listen_addresses=127.0.0.1', ...args],
    folder,
    ...(user === undefined ? {} : { user }),
    stopSignal: 'SIGINT',
    answers: () => makeDatabase(maintenance),
  })
}

/** PostgreSQL refuses to run as root. This user is on every Linux. */
const NOBODY = { uid: 65_534, gid: 65_534 }

const initialise = async (
  bin: string,
  folder: string,
  user: { uid: number; gid: number } | undefined,
) => {
  const args = [
    '-D',
    'data',
    '-U',
    'postgres',
    '-A',
    'trust',
    '-E',
    'UTF8',
    '--locale=C',
    '--no-sync',
  ]
  await promisify(execFile)(join(bin, 'initdb'), args, { ...user, cwd: folder })
}

const makeDatabase = async (maintenance: string): Promise<void> => {
  const sql = postgres(maintenance, { max: 1, connect_timeout: 5, onnotice: () => {} })
  try {
    const found = await sql`select 1 from pg_database where datname = ${DATABASE}`
    if (found.length === 0) await sql`create database ${sql(DATABASE)}`
  } finally {
    await sql.end({ timeout: 1 })
  }
}

/** A checkout in the home of root is closed to the user who runs PostgreSQL: then from a copy. */
const reachable = (bin: string): string => {
  if (process.getuid?.() !== 0 || isOpenToAll(bin)) return bin
  const copy = join(runFolder(), `programs-${Bun.hash(bin).toString(36)}`)
  if (!existsSync(copy)) copyWhole(dirname(bin), copy)
  return join(copy, 'bin')
}

/** Another process may want the same at this moment. */
const copyWhole = (folder: string, copy: string): void => {
  const inTheMaking = `${copy}-${process.pid}`
  cpSync(folder, inTheMaking, { recursive: true, verbatimSymlinks: true })
  keepFirst(inTheMaking, copy)
}

const isOpenToAll = (path: string): boolean =>
  (statSync(path).mode & 0o005) === 0o005 && (dirname(path) === path || isOpenToAll(dirname(path)))

/** Tests create, change and drop what they like, so they stay away from a database that is not for tests. */
export const testDatabaseOf = (url: string): string => {
  const name = decodeURIComponent(new URL(url).pathname.slice(1))
  if (/test/i.test(name)) return name
  throw new Error(`the database '${name}' of TEST_POSTGRES_URL has no 'test' in its name`)
}
