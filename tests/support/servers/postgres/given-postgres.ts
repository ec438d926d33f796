import postgres from 'postgres'
import { atTheEnd } from '../../processes/test-run/at-the-end.ts'
import { findServerSources, parseSource } from '../provide/find-server-sources.ts'
import { OTHER_SOURCES, OTHERS, provided } from '../provide/provide-servers.ts'
import type { Server } from '../provide/server.ts'
import { startPostgres, testDatabaseOf } from './start-postgres.ts'

export type GivenPostgres = {
  /** An empty database that nobody else uses, as a superuser or at least as its owner. */
  readonly url: string
  readonly database: string
  /** 15 for PostgreSQL 15.13. */
  readonly major: number
}

/** A database of its own on the server of this run; dropped when the tests have ended. */
export const givenPostgres = async (): Promise<GivenPostgres> => {
  const { TEST_POSTGRES_URL = '' } = await provided('PostgreSQL')
  return newDatabase(TEST_POSTGRES_URL)
}

/** A database of its own on a server of each major version at hand; the first is that of `givenPostgres`. */
export const givenPostgresOfEachVersion = async (): Promise<readonly GivenPostgres[]> => {
  const { TEST_POSTGRES_URL = '', [OTHERS]: others = '' } = await provided('PostgreSQL')
  const urls = [TEST_POSTGRES_URL, ...others.split(',').filter((url) => url !== '')]
  return Promise.all(urls.map(newDatabase))
}

/**
 * The same on servers that no other test file uses. A page of the ledger ends before the oldest transaction of the whole
 * server, so whoever expects the newest entry in it wants no neighbours.
 */
export const givenLonePostgresOfEachVersion = async (): Promise<readonly GivenPostgres[]> => {
  const found = await findServerSources('PostgreSQL')
  // The test command tells its processes the first in one variable and the others in another.
  const others = (process.env[OTHER_SOURCES] ?? '').split(',').flatMap((text) => {
    const other = parseSource(text)
    return other === null ? [] : [other]
  })
  const servers = await Promise.all(
    [...found, ...others].map(({ source }) => startPostgres(source, 'shared')),
  )
  return Promise.all(servers.map(({ url }) => newDatabase(url)))
}

/** A server of its own, which a test may kill and freeze, with the empty database `auth_test`. */
export const givenPostgresServer = async (): Promise<Server> => {
  const [{ source }] = await findServerSources('PostgreSQL')
  return startPostgres(source, 'private')
}

const newDatabase = async (serverUrl: string): Promise<GivenPostgres> => {
  const named = testDatabaseOf(serverUrl)
  const database = `${named}_${crypto.randomUUID().slice(0, 8)}`
  const major = await withSql(serverUrl, async (sql) => {
    await sql`create database ${sql(database)}`
    const [row] = await sql<
      { version: string }[]
    >`select current_setting('server_version_num') as version`
    return Math.floor(Number(row?.version) / 10_000)
  })
  atTheEnd(() =>
    withSql(serverUrl, (sql) => sql`drop database if exists ${sql(database)} with (force)`),
  )
  const url = new URL(serverUrl)
  url.pathname = `/${database}`
  return { url: url.href, database, major }
}

/** A connection without this project's code in between. */
export const withSql = async <T>(
  url: string,
  use: (sql: postgres.Sql) => Promise<T>,
): Promise<T> => {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  try {
    return await use(sql)
  } finally {
    await sql.end()
  }
}
