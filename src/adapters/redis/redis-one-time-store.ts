import { randomBytes } from 'node:crypto'
import type { OneTimeStore } from '../../ports/driven/oauth/one-time-store.ts'
import { codeSecrets } from './code-secrets.ts'
import type { OneTimePurpose } from './keys.ts'
import type { Redis } from './open-redis.ts'

export type RedisOneTimeStoreNeeds<T> = {
  readonly redis: Redis
  readonly purpose: OneTimePurpose
  readonly lifeSeconds: number
  /** Reads a thing back from its JSON; null when it is none, as after a release that kept other ones. */
  readonly read: (json: unknown) => T | null
}

const KEY_BYTES = 32

/** Things for one taking in Redis, each sealed with its own key; the server itself removes what has expired. */
export const makeRedisOneTimeStore = <T>(needs: RedisOneTimeStoreNeeds<T>): OneTimeStore<T> => {
  const { redis, purpose, lifeSeconds, read } = needs
  return {
    keep: async (thing) => {
      const key = randomBytes(KEY_BYTES).toString('base64url')
      const { name, seal } = codeSecrets(key)
      const sealed = seal(JSON.stringify(thing))
      await redis.ask((client) =>
        client.set(redis.keys.oneTime(purpose, name), sealed, 'EX', lifeSeconds),
      )
      return key
    },
    take: async (key) => {
      const { name, open } = codeSecrets(key)
      const sealed = await redis.ask((client) => client.getdel(redis.keys.oneTime(purpose, name)))
      return sealed === null ? null : read(JSON.parse(open(sealed)))
    },
  }
}
