import { describe, expect, test } from 'bun:test'
import { openPostgres } from '../../../src/adapters/postgres/driver/open-postgres.ts'
import { prepareSchema } from '../../../src/main/compose/prepare-schema.ts'
import type { Config } from '../../../src/main/config/config.ts'
import { makeSecret } from '../../../src/main/config/secret.ts'
import { freePort } from '../../support/processes/native/free-port.ts'
import { runCommand } from '../../support/processes/service/start-service.ts'
import { atTheEnd } from '../../support/processes/test-run/at-the-end.ts'
import { postgresAt } from '../../support/servers/addresses.ts'
import { givenPostgres, withSql } from '../../support/servers/postgres/given-postgres.ts'
import { givenOwner } from '../../support/servers/postgres/given-roles.ts'

const given = async () => givenOwner(await givenPostgres())
/** A job of its own, which has only the owner's database URL. */
const migrateAs = (url: string) =>
  runCommand(['migrate'], { environment: { NODE_ENV: 'production', MIGRATION_DATABASE_URL: url } })
const tablesOf = (url: string) =>
  withSql(url, (sql) =>
    sql`select 1 from pg_tables where schemaname = 'public'`.then((rows) => rows.length),
  )
const makeNewer = (url: string) =>
  withSql(
    url,
    (sql) => sql`insert into schema_migrations (version, name) values (9999, 'later.sql')`,
  )
const makeOlder = (url: string) =>
  withSql(
    url,
    (sql) =>
      sql`delete from schema_migrations where version = (select max(version) from schema_migrations)`,
  )

const LIMIT = 60_000

describe('auth migrate', () => {
  test(
    'needs nothing but the address of the owner, and has nothing to do a second time',
    async () => {
      const { ownerUrl } = await given()
      const first = await migrateAs(ownerUrl)
      expect(first).toMatchObject({ exitCode: 0, stderr: '' })
      expect(first.stdout).toStartWith('Applied 0001_accounts.sql\n')
      const second = await migrateAs(ownerUrl)
      expect(second).toMatchObject({
        exitCode: 0,
        stdout: 'The schema is up to date.\n',
        stderr: '',
      })
    },
    LIMIT,
  )

  test(
    'run twice at once does the work once',
    async () => {
      const { ownerUrl } = await given()
      const runs = await Promise.all([migrateAs(ownerUrl), migrateAs(ownerUrl)])
      expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 0])
      expect(runs.filter(({ stdout }) => stdout.includes('0001_accounts.sql'))).toHaveLength(1)
    },
    LIMIT,
  )

  test(
    'leaves the schema of a newer version as it is, with 65',
    async () => {
      const { ownerUrl, database } = await given()
      await migrateAs(ownerUrl)
      await makeNewer(ownerUrl)
      const { host, password } = new URL(ownerUrl)
      const refused = await migrateAs(ownerUrl)
      expect(refused.exitCode).toBe(65)
      const said = `${refused.stdout}${refused.stderr}`
      expect(said).toContain(`The database at ${host}/${database} was written by a newer version.`)
      expect(said).not.toContain(password)
    },
    LIMIT,
  )

  test(
    "as the service's role makes nothing",
    async () => {
      const { appUrl, ownerUrl } = await given()
      const refused = await migrateAs(appUrl)
      expect(refused.exitCode).toBe(78)
      expect(refused.stderr).toContain('permission denied for schema public')
      expect(refused.stderr).toContain('Set MIGRATION_DATABASE_URL to the address with the role')
      expect(await tablesOf(ownerUrl)).toBe(0)
    },
    LIMIT,
  )

  test(
    'of a server that does not answer ends with 69 and its name',
    async () => {
      const port = await freePort()
      const refused = await migrateAs(`postgres://owner:canary@127.0.0.1:${port}/auth_test`)
      expect(refused.exitCode).toBe(69)
      const said = `${refused.stdout}${refused.stderr}`
      expect(said).toContain(`The database at 127.0.0.1:${port}/auth_test cannot be used now`)
      expect(said).not.toContain('canary')
    },
    LIMIT,
  )

  test(
    'refuses what is no address by the name of its variable, with 78',
    async () => {
      const refused = await migrateAs('mysql://canary@127.0.0.1/auth')
      expect(refused.exitCode).toBe(78)
      const said = `${refused.stdout}${refused.stderr}`
      expect(said).toContain('MIGRATION_DATABASE_URL must begin with postgres://')
      expect(said).not.toContain('canary')
    },
    LIMIT,
  )
})

/** What a service finds at its start, connected as its own role, or as the owner while that role has no rights yet. */
const prepare = async (mode: Config['mode'], url: string, ownerUrl: string) => {
  const database = openPostgres({ address: postgresAt(url), applicationName: 'test' })
  try {
    return await prepareSchema(
      { mode, migrationDatabaseUrl: makeSecret(postgresAt(ownerUrl)) },
      database,
    )()
  } finally {
    await database.close()
  }
}

/** A database of its own on the same server, in another encoding. */
const givenLatin1 = async () => {
  const { url, database } = await givenPostgres()
  const name = `${database}_latin1`
  await withSql(
    url,
    (sql) => sql`create database ${sql(name)} encoding 'LATIN1' template template0 locale 'C'`,
  )
  atTheEnd(() => withSql(url, (sql) => sql`drop database ${sql(name)} with (force)`))
  return url.replace(database, name)
}

describe('a database that does not fit', () => {
  test(
    'because its text is not UTF-8 is told in words, to every command and start',
    async () => {
      const url = await givenLatin1()
      for (const mode of ['production', 'development'] as const)
        expect(await prepare(mode, url, url)).toEqual({
          ok: false,
          refusal: { kind: 'wrong-encoding', encoding: 'LATIN1' },
        })
      const refused = await migrateAs(url)
      expect(refused.exitCode).toBe(78)
      expect(refused.stderr).toContain('has the encoding LATIN1. The service needs UTF8')
      expect(await tablesOf(url)).toBe(0)
    },
    LIMIT,
  )

  test('because the role may not use its schema is told in words', async () => {
    const { appUrl, ownerUrl } = await given()
    await withSql(ownerUrl, (sql) => sql`revoke all on schema public from public`)
    for (const mode of ['production', 'development'] as const)
      expect(await prepare(mode, appUrl, appUrl)).toEqual({
        ok: false,
        refusal: { kind: 'no-rights', reason: 'permission denied for schema public' },
      })
    await withSql(ownerUrl, (sql) => sql`drop schema public`)
    expect(await prepare('production', ownerUrl, ownerUrl)).toEqual({
      ok: false,
      refusal: { kind: 'no-rights', reason: 'there is no schema public' },
    })
  })

  test('because the role has no rights on its tables yet is told in words', async () => {
    const { appUrl, ownerUrl } = await given()
    await prepare('development', ownerUrl, ownerUrl)
    expect(await prepare('production', appUrl, ownerUrl)).toEqual({
      ok: false,
      refusal: { kind: 'no-rights', reason: 'permission denied for table schema_migrations' },
    })
  })
})

describe('a service that starts', () => {
  test('in production on an empty or an older schema is refused, and changes nothing', async () => {
    const { ownerUrl } = await given()
    const older = { ok: false, refusal: { kind: 'older-schema' } } as const
    expect(await prepare('production', ownerUrl, ownerUrl)).toEqual(older)
    expect(await tablesOf(ownerUrl)).toBe(0)
    await prepare('development', ownerUrl, ownerUrl)
    await makeOlder(ownerUrl)
    expect(await prepare('production', ownerUrl, ownerUrl)).toEqual(older)
  })

  test('in production on its own schema has nothing to do', async () => {
    const { ownerUrl } = await given()
    await prepare('development', ownerUrl, ownerUrl)
    expect(await prepare('production', ownerUrl, ownerUrl)).toEqual({
      ok: true,
      value: { applied: [] },
    })
  })

  test('on a newer schema is refused everywhere', async () => {
    const { ownerUrl } = await given()
    await prepare('development', ownerUrl, ownerUrl)
    await makeNewer(ownerUrl)
    for (const mode of ['production', 'development', 'test'] as const)
      expect(await prepare(mode, ownerUrl, ownerUrl)).toEqual({
        ok: false,
        refusal: { kind: 'newer-schema' },
      })
  })

  test('in development migrates as the owner, whoever it runs as', async () => {
    const { appUrl, ownerUrl } = await given()
    const prepared = await prepare('development', appUrl, ownerUrl)
    expect(prepared).toMatchObject({ ok: true })
    expect(await tablesOf(ownerUrl)).toBeGreaterThan(5)
  })

  test('without its database is refused with the reason', async () => {
    const url = `postgres://nobody@127.0.0.1:${await freePort()}/auth_test`
    for (const mode of ['production', 'development'] as const)
      expect(await prepare(mode, url, url)).toMatchObject({
        ok: false,
        refusal: { kind: 'no-database', reason: expect.stringContaining('ECONNREFUSED') },
      })
  })
})
