import { beforeAll, describe, expect, test } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { attempt } from '../../../../src/adapters/postgres/driver/faults.ts'
import { openPostgres } from '../../../../src/adapters/postgres/driver/open-postgres.ts'
import { rowsOf } from '../../../../src/adapters/postgres/driver/rows.ts'
import { faultLine } from '../../../../src/domain/shared/fault-line.ts'
import { Unavailable } from '../../../../src/domain/shared/unavailable.ts'
import { freePort } from '../../../support/processes/native/free-port.ts'
import { atTheEnd } from '../../../support/processes/test-run/at-the-end.ts'
import { temporaryFolder } from '../../../support/processes/test-run/temporary-folder.ts'
import { until } from '../../../support/processes/timing/eventually.ts'
import { postgresAt } from '../../../support/servers/addresses.ts'
import { selfSignedCertificate } from '../../../support/servers/network/self-signed-certificate.ts'
import { givenPostgresServer, withSql } from '../../../support/servers/postgres/given-postgres.ts'

const PASSWORD = 'a,b%c:d#e f'
const DATABASE = 'my test/base%'

const server = await givenPostgresServer()
const { hostname, port } = new URL(server.url)
const host = `${hostname}:${port}`

const WRONG_PASSWORD = `postgres://hosted:canary,%@${host}/${encodeURIComponent(DATABASE)}`

/** Who is connected to what, through an address. */
const connectedAs = async (url: string) => {
  const database = openPostgres({ address: postgresAt(url), applicationName: 'test', poolSize: 1 })
  try {
    const [row] = rowsOf<Record<string, unknown>>(
      await attempt(
        database.db.execute(sql`select current_user::text as user, current_database()::text as
          database, current_setting('search_path') as path, current_setting('work_mem') as memory,
          current_setting('application_name') as name,
          case current_setting('transaction_read_only') when 'off' then 'yes' else 'no' end as writes,
          (select ssl from pg_stat_ssl where pid = pg_backend_pid()) as encrypted`),
      ),
    )
    return row
  } finally {
    await database.close()
  }
}

const faultOf = (url: string): Promise<unknown> =>
  connectedAs(url).then(
    () => null,
    (fault: unknown) => fault,
  )

beforeAll(async () => {
  await withSql(server.url, async (admin) => {
    await admin.unsafe(`create role hosted login password '${PASSWORD}'`)
    await admin`create database ${admin(DATABASE)} owner hosted`
    await admin`create database read_only_test`
    await admin`alter database read_only_test set default_transaction_read_only = on`
    const [row] = await admin`show hba_file`
    const lines = ['host all hosted all scram-sha-256', 'host all all all trust']
    await admin.unsafe(
      `copy (select unnest(array['${lines.join("','")}'])) to '${String(row?.['hba_file'])}'`,
    )
    await admin`select pg_reload_conf()`
  })
  await until('passwords', async () => (await faultOf(WRONG_PASSWORD)) !== null)
}, 60_000)

const BASE = encodeURIComponent(DATABASE)

describe('the address that a hosted database prints', () => {
  test.each([
    ['with a comma and a bare % in the password', `postgres://hosted:${PASSWORD}@${host}/${BASE}`],
    [
      'with an escaped password',
      `postgresql://hosted:${encodeURIComponent(PASSWORD)}@${host}/${BASE}`,
    ],
    [
      'with parameters of other clients',
      `postgres://hosted:${PASSWORD}@${host}/${BASE}?channel_binding=require&pgbouncer=true&connection_limit=1&schema=x&application_name=y&connect_timeout=9&statement_timeout=1&search_path=pg_catalog`,
    ],
    ['with sslmode=allow', `postgres://hosted:${PASSWORD}@${host}/${BASE}?sslmode=allow`],
    ['with sslmode=prefer', `postgres://hosted:${PASSWORD}@${host}/${BASE}?sslmode=prefer`],
    ['with ssl=false', `postgres://hosted:${PASSWORD}@${host}/${BASE}?ssl=false`],
    ['with target any', `postgres://hosted:${PASSWORD}@${host}/${BASE}?target_session_attrs=any`],
    [
      'with target read-write',
      `postgres://hosted:${PASSWORD}@${host}/${BASE}?target_session_attrs=read-write`,
    ],
    [
      'with everything as parameters',
      `postgres://?host=${hostname}&port=${port}&user=hosted&password=${encodeURIComponent(PASSWORD)}&dbname=${BASE}`,
    ],
  ])('%s leads to the database', async (_, url) => {
    expect(await connectedAs(url)).toMatchObject({
      user: 'hosted',
      database: DATABASE,
      path: 'public',
      name: 'test',
    })
  })

  test('with options gives them to the server', async () => {
    const url = `postgres://hosted:${PASSWORD}@${host}/${BASE}?options=-c%20work_mem%3D5MB`
    expect(await connectedAs(url)).toMatchObject({ memory: '5MB', path: 'public' })
  })

  test('with the wrong password is refused without showing it', async () => {
    const fault = await faultOf(WRONG_PASSWORD)
    expect(fault).toBeInstanceOf(Unavailable)
    expect(fault).toMatchObject({ cause: { message: expect.stringContaining('28P01') } })
    expect(Bun.inspect(fault, { depth: 20 })).not.toContain('canary')
  })

  test('with several servers leads to the first that answers', async () => {
    const away = `${hostname}:${await freePort()}`
    const url = `postgres://hosted:${PASSWORD}@${away},${host}/${BASE}`
    expect(await connectedAs(url)).toMatchObject({ database: DATABASE })
  })

  test('with several servers of which the first is silent leads to the next after a moment', async () => {
    const silent = createServer(() => {})
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    atTheEnd(async () => void silent.close())
    const address = silent.address()
    const silentPort = typeof address === 'object' ? address?.port : 0
    const database = openPostgres({
      address: postgresAt(`postgres://hosted:${PASSWORD}@127.0.0.1:${silentPort},${host}/${BASE}`),
      applicationName: 'test',
      poolSize: 1,
    })
    await until('connected', database.isAvailable)
    await database.close()
  }, 30_000)

  test('that requires a server for writing refuses one that takes none', async () => {
    const url = `postgres://postgres@${host}/read_only_test?target_session_attrs=read-write`
    expect(await faultOf(url)).toBeInstanceOf(Unavailable)
  }, 20_000)

  test('with several servers of which the first takes no writes leads to the next', async () => {
    const readOnly = await givenPostgresServer()
    await withSql(readOnly.url, async (admin) => {
      await admin`alter system set default_transaction_read_only = on`
      await admin`select pg_reload_conf()`
    })
    const servers = `${new URL(readOnly.url).host},${host}`
    const url = `postgres://postgres@${servers}/auth_test?target_session_attrs=`
    await until(
      'taking no writes',
      async () => (await connectedAs(`${url}any`))?.['writes'] === 'no',
    )
    expect(await connectedAs(`${url}read-write`)).toMatchObject({ writes: 'yes' })
  }, 60_000)

  test('that names the folder of a Unix socket leads through it', async () => {
    const folder = temporaryFolder()
    const proxy = createServer((client) => {
      const upstream = Bun.connect({
        hostname,
        port: Number(port),
        socket: {
          data: (_, bytes) => void client.write(bytes),
          close: () => void client.destroy(),
        },
      })
      client.on('data', async (bytes) => void (await upstream).write(bytes))
      client.on('close', async () => void (await upstream).end())
      client.on('error', () => {})
    })
    const path = join(folder, '.s.PGSQL.5432')
    await new Promise<void>((resolve) => proxy.listen(path, resolve))
    atTheEnd(async () => void proxy.close())
    for (const url of [
      `postgres://hosted:${PASSWORD}@/${BASE}?host=${folder}`,
      `postgres://hosted:${PASSWORD}@${encodeURIComponent(folder)}/${BASE}?sslmode=require`,
    ])
      expect(await connectedAs(url)).toMatchObject({ database: DATABASE })
  })
})

describe('a server with TLS and a certificate of a private authority', () => {
  const folder = temporaryFolder()
  const authority = join(folder, 'ca.pem')
  const other = join(folder, 'other.pem')
  const login = `postgres://postgres@localhost:${port}/auth_test`

  beforeAll(async () => {
    const { certificate, key } = selfSignedCertificate()
    writeFileSync(authority, certificate)
    writeFileSync(other, selfSignedCertificate().certificate)
    await withSql(server.url, async (admin) => {
      const [row] = await admin`show data_directory`
      for (const [file, text] of Object.entries({ 'server.crt': certificate, 'server.key': key })) {
        const path = `${String(row?.['data_directory'])}/${file}`
        const lines = text.trim().split('\n').join("','")
        await admin.unsafe(
          `copy (select unnest(array['${lines}'])) to program 'cat >${path} && chmod 600 ${path}'`,
        )
      }
      await admin`alter system set ssl = on`
      await admin`select pg_reload_conf()`
    })
    await until(
      'TLS',
      async () => (await connectedAs(`${login}?sslmode=prefer`))?.['encrypted'] === true,
    )
  }, 60_000)

  test.each([
    ['disable', false],
    ['allow', true],
    ['prefer', true],
    ['require', true],
    ['no-verify', true],
    [`verify-ca&sslrootcert=${authority}`, true],
    [`verify-full&sslrootcert=${authority}`, true],
    [`require&sslrootcert=${authority}`, true],
  ])('is reached with sslmode=%s, encrypted: %p', async (mode, encrypted) => {
    expect(await connectedAs(`${login}?sslmode=${mode}`)).toMatchObject({ encrypted })
  })

  test.each([
    'verify-ca',
    'verify-full',
    'verify-full&sslrootcert=system',
    `verify-ca&sslrootcert=${other}`,
    `require&sslrootcert=${other}`,
  ])('is refused with sslmode=%s, because another authority is expected', async (mode) => {
    expect(await faultOf(`${login}?sslmode=${mode}`)).toBeInstanceOf(Unavailable)
  })

  test('is refused while the certificate of the authority cannot be read', async () => {
    const fault = await faultOf(`${login}?sslmode=verify-full&sslrootcert=${folder}/none.pem`)
    expect(fault).toBeInstanceOf(Unavailable)
    expect(faultLine(fault)).toContain('certificate of the database cannot be read')
  })
})
