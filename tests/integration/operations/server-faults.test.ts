import { expect, test } from 'bun:test'
import { RedisClient } from 'bun'
import type { ConnectionOptions } from 'nats'
import { connect } from 'nats'
import postgres from 'postgres'
import { eventually } from '../../support/processes/timing/eventually.ts'
import { givenNatsCluster, givenNatsServer } from '../../support/servers/nats/given-nats.ts'
import { givenPostgresServer } from '../../support/servers/postgres/given-postgres.ts'
import type { Server } from '../../support/servers/provide/server.ts'
import { givenRedisServer } from '../../support/servers/redis/given-redis.ts'

const withSql = async <T>({ url }: Server, use: (sql: postgres.Sql) => Promise<T>): Promise<T> => {
  const sql = postgres(url, { max: 1, connect_timeout: 1 })
  try {
    return await use(sql)
  } finally {
    await sql.end({ timeout: 0 })
  }
}

const publishTo = async (options: ConnectionOptions): Promise<number> => {
  const connection = await connect({ timeout: 1000, ...options })
  try {
    const manager = await connection.jetstreamManager()
    await manager.streams.add({ name: 'EVENTS', subjects: ['events'] })
    return (await connection.jetstream().publish('events')).seq
  } finally {
    await connection.close()
  }
}

const postgresServer = await givenPostgresServer()
const redisServer = await givenRedisServer()
const natsServer = await givenNatsServer()
const cluster = await givenNatsCluster()

test('a killed PostgreSQL comes back with what it committed', async () => {
  await withSql(postgresServer, (sql) => sql`create table kept as select 7 as value`)
  await postgresServer.kill()
  await expect(withSql(postgresServer, (sql) => sql`select 1`)).rejects.toThrow()
  await postgresServer.start()
  const rows = await withSql(postgresServer, (sql) => sql`select value from kept`)
  expect([...rows]).toEqual([{ value: 7 }])
})

test('a frozen PostgreSQL does not answer until it goes on', async () => {
  await withSql(postgresServer, async (sql) => {
    await sql`select 1`
    await postgresServer.freeze()
    const answer = sql`select 2 as value`.execute()
    expect(await Promise.race([answer, Bun.sleep(300).then(() => 'silence')])).toBe('silence')
    await postgresServer.thaw()
    expect([...(await answer)]).toEqual([{ value: 2 }])
  })
})

test('a killed Redis comes back with what it acknowledged', async () => {
  const client = new RedisClient(redisServer.url)
  await client.set('kept', 'yes')
  await redisServer.kill()
  client.close()
  await redisServer.start()
  const again = new RedisClient(redisServer.url)
  expect(await again.get('kept')).toBe('yes')
  again.close()
})

test('a killed NATS server comes back with its streams', async () => {
  expect(await publishTo({ servers: natsServer.url })).toBe(1)
  await natsServer.kill()
  await expect(publishTo({ servers: natsServer.url, reconnect: false })).rejects.toThrow()
  await natsServer.start()
  expect(await publishTo({ servers: natsServer.url })).toBe(2)
})

test('a NATS server that was stopped and started again goes on', async () => {
  await natsServer.stop()
  await natsServer.start()
  expect(await publishTo({ servers: natsServer.url })).toBe(3)
})

test('a cluster holds three replicas and outlives the leader of a stream', async () => {
  const connection = await connect({ servers: cluster.url.split(','), timeout: 5000 })
  const manager = await connection.jetstreamManager()
  const added = await manager.streams.add({ name: 'KEPT', subjects: ['kept'], num_replicas: 3 })
  await connection.jetstream().publish('kept')
  const leader = cluster.nodes.find(({ name }) => name === added.cluster?.leader)
  await leader?.kill()
  // The other two elect within about ten seconds, and the client has to find one of them.
  await eventually('a new leader', 40, async () => {
    const info = await manager.streams.info('KEPT')
    expect(info.state.messages).toBe(1)
    expect(info.cluster?.leader).not.toBe(added.cluster?.leader)
  })
  await connection.close()
}, 60_000)
