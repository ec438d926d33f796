import { expect, test } from 'bun:test'
import { RedisClient } from 'bun'
import { connect } from 'nats'
import postgres from 'postgres'
import { givenNats, givenNatsServer } from '../../support/servers/nats/given-nats.ts'
import { sharedAccounts } from '../../support/servers/nats/nats-accounts.ts'
import {
  givenPostgres,
  givenPostgresOfEachVersion,
} from '../../support/servers/postgres/given-postgres.ts'
import { testDatabaseOf } from '../../support/servers/postgres/start-postgres.ts'
import { givenRedis } from '../../support/servers/redis/given-redis.ts'

const first = await givenPostgres()
const second = await givenPostgres()
const versions = await givenPostgresOfEachVersion()
const redis = await givenRedis()
const nats = await givenNats()

for (const { major, url, database } of versions)
  test(`PostgreSQL ${major} has an empty database for one test file`, async () => {
    const sql = postgres(url, { max: 1 })
    const [row] = await sql`select current_database() as database,
      (select count(*)::int from pg_tables where schemaname = 'public') as tables`
    await sql.end()
    expect(row).toEqual({ database, tables: 0 })
    expect(major).toBeGreaterThanOrEqual(15)
  })

test('two test files never share a database', () => {
  expect(first.database).not.toBe(second.database)
  expect(first.database).toContain('test')
})

test('a database without test in its name is refused', () => {
  expect(() => testDatabaseOf('postgres://somebody@127.0.0.1/production')).toThrow(
    "the database 'production' of TEST_POSTGRES_URL has no 'test' in its name",
  )
})

test('Redis keeps what is written under the prefix of a test file', async () => {
  const client = new RedisClient(redis.url)
  await client.set(`${redis.prefix}greeting`, 'hello')
  expect(await client.get(`${redis.prefix}greeting`)).toBe('hello')
  client.close()
})

test('a stream of one test file takes a fixed subject, and the next file finds none', async () => {
  const connection = await connect(nats.connection)
  const manager = await connection.jetstreamManager()
  await manager.streams.add({ name: 'USER_EVENTS', subjects: ['user.events'] })
  const receipt = await connection.jetstream().publish('user.events', 'hello')
  expect(receipt).toMatchObject({ stream: 'USER_EVENTS', seq: 1, duplicate: false })
  await connection.close()
  const next = await connect((await givenNats()).connection)
  const { streams } = await next.jetstreamManager()
  await expect(streams.info('USER_EVENTS')).rejects.toThrow('stream not found')
  await next.close()
})

test('our own NATS has an account with streams for clients without a name', async () => {
  const { url } = await givenNatsServer(sharedAccounts)
  const visitor = await connect({ servers: new URL(url).host })
  const { streams } = await visitor.jetstreamManager()
  await streams.add({ name: 'USER_EVENTS', subjects: ['user.events'] })
  expect((await visitor.jetstream().publish('user.events', 'hello')).seq).toBe(1)
  await visitor.close()
})
