import { describe, expect, test } from 'bun:test'
import { makeRedisOAuthStores } from '../../../../src/adapters/redis/redis-oauth-stores.ts'
import { givenRedis } from '../../../support/servers/redis/given-redis.ts'
import { keysUnder, openedKeyspace } from '../../../support/servers/redis/opened-redis.ts'
import { oauthStoresContract } from './oauth-stores.contract.ts'

const given = await givenRedis()
const open = async () => {
  const keyspace = await openedKeyspace(given)
  return { ...keyspace, stores: makeRedisOAuthStores(keyspace.redis) }
}

oauthStoresContract('Redis', async () => (await open()).stores)

describe('what a sign-in through a provider keeps in Redis', () => {
  const anything: unknown = { provider: 'google', state: 'a', revocations: 1 }

  test.each(['transactions', 'tickets'] as const)(
    'is none of the %s when another release wrote it in another shape',
    async (purpose) => {
      const { [purpose]: store } = (await open()).stores
      for (const kept of [anything, null, {}, 'text'])
        expect(await store.take(await store.keep(kept as never))).toBeNull()
    },
  )

  test.each([
    ['transactions', 'transaction', 600],
    ['tickets', 'ticket', 60],
  ] as const)('of the %s lasts as long as a %s may: %i seconds', async (name, purpose, seconds) => {
    const { stores, redis, keyPrefix } = await open()
    await stores[name].keep(anything as never)
    const [key = ''] = await keysUnder(redis, `${keyPrefix}${purpose}:`)
    expect(await redis.run((client) => client.ttl(key))).toBe(seconds)
  })
})
