import { describe, expect, test } from 'bun:test'
import { makeRedisOneTimeStore } from '../../../../src/adapters/redis/redis-one-time-store.ts'
import { givenRedis } from '../../../support/servers/redis/given-redis.ts'
import {
  dumpOfRedis,
  keysUnder,
  openedKeyspace,
} from '../../../support/servers/redis/opened-redis.ts'
import type { TestThing } from './one-time-store.contract.ts'
import { ONE_TIME_SECONDS, oneTimeContract } from './one-time-store.contract.ts'

const given = await givenRedis()

const read = (json: unknown): TestThing | null => {
  const { email, count } = Object(json)
  return typeof count === 'number' ? { email: email === null ? null : String(email), count } : null
}

const open = async () => {
  const keyspace = await openedKeyspace(given)
  const needs = { redis: keyspace.redis, lifeSeconds: ONE_TIME_SECONDS }
  return {
    ...keyspace,
    needs,
    things: makeRedisOneTimeStore({ ...needs, purpose: 'transaction', read }),
  }
}

oneTimeContract('Redis', open)

describe('a one-time store in Redis', () => {
  const thing = { email: 'john@example.com', count: 7 }

  test('cannot be read without the keys [SE12]', async () => {
    const { things, redis, keyPrefix } = await open()
    const key = await things.keep(thing)
    const dump = await dumpOfRedis(redis, keyPrefix)
    expect(dump.length).toBeGreaterThan(50)
    for (const secret of [key, 'john', 'example']) expect(dump).not.toContain(secret)
  })

  test('has nothing of one purpose for the keys of another', async () => {
    const { things, needs } = await open()
    const tickets = makeRedisOneTimeStore({ ...needs, purpose: 'ticket', read })
    const key = await things.keep(thing)
    expect(await tickets.take(key)).toBeNull()
    expect(await things.take(key)).toEqual(thing)
  })

  test('keeps a thing no longer than it may be taken', async () => {
    const { things, redis, keyPrefix } = await open()
    await things.keep(thing)
    const [key = ''] = await keysUnder(redis, `${keyPrefix}transaction:`)
    expect(await redis.run((client) => client.ttl(key))).toBe(ONE_TIME_SECONDS)
  })

  test('has nothing where this release cannot read the record', async () => {
    const { needs } = await open()
    const unread = makeRedisOneTimeStore<TestThing>({
      ...needs,
      purpose: 'ticket',
      read: () => null,
    })
    expect(await unread.take(await unread.keep(thing))).toBeNull()
  })
})
