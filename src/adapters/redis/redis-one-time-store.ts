import { randomBytes } from 'node:crypto'
import type { OneTimeStore } from '../../ports/driven/oauth/one-time-store.ts'
import { codeSeal } from './code-seal.ts'
import type { OneTimePurpose } from './keys.ts'
import type { Redis } from './open-redis.ts'

export type RedisOneTimeStoreNeeds<T> = {
  readonly redis: Redis
  readonly purpose: OneTimePurpose
  readonly lifeSeconds: number
  /** Reads a thing from its JSON. Null for another shape, which another release may have stored. */
  readonly read: (json: unknown) => T | null
}

const KEY_BYTES = 32

/** A one-time store in Redis. Each thing is sealed with its own key. Redis itself removes what has expired. */
export const makeRedisOneTimeStore = <T>(needs: RedisOneTimeStoreNeeds<T>): OneTimeStore<T> => {
  const { redis, purpose, lifeSeconds, read } = needs
  return {
    keep: async (thing) => {
      const key = randomBytes(KEY_BYTES).toString('base64url')
      const { name, seal } = codeSeal(key)
      const sealed = seal(JSON.stringify(thing))
      await redis.run((client) =>
        client.set(redis.keys.oneTime(purpose, name), sealed, 'EX', lifeSeconds),
      )
      return key
    },
    take: async (key) => {
      const { name, open } = codeSeal(key)
      const sealed = await redis.run((client) => client.getdel(redis.keys.oneTime(purpose, name)))
      return sealed === null ? null : read(JSON.parse(open(sealed)))
    },
  }
}
