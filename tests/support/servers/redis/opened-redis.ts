import { pause } from '../../../../src/adapters/platform/pause.ts'
import type { Redis, RedisOptions } from '../../../../src/adapters/redis/open-redis.ts'
import { openRedis } from '../../../../src/adapters/redis/open-redis.ts'
import type { LogEvent, LogFields } from '../../../../src/ports/driven/shared/log.ts'
import { atTheEnd } from '../../processes/test-run/at-the-end.ts'
import { redisAt } from '../addresses.ts'
import type { GivenRedis } from './given-redis.ts'

export type OpenedRedis = {
  readonly redis: Redis
  readonly logged: readonly { readonly event: LogEvent; readonly fields: LogFields }[]
  /** The reported losses and returns, oldest first. */
  readonly changes: readonly boolean[]
}

/** A connection that is closed at the end of the tests, if not before. */
export const openedRedis = async (
  url: string,
  options: Partial<RedisOptions> = {},
): Promise<OpenedRedis> => {
  const logged: OpenedRedis['logged'][number][] = []
  const changes: boolean[] = []
  const opened = await openRedis(
    { address: redisAt(url), clientName: 'test', ...options },
    {
      log: (_level, event, fields = {}) => logged.push({ event, fields }),
      onChange: (isUp) => changes.push(isUp),
      pause,
      chance: () => 0.5,
    },
  )
  if (!opened.ok) throw new Error(`no Redis: ${opened.refusal.reason}`)
  atTheEnd(opened.value.close)
  return { redis: opened.value, logged, changes }
}

/** On a busy machine an answer may take longer than the service waits. Not for tests of what happens then. */
export const PATIENT = { commandTimeoutMs: 10_000 } as const

let keyspaces = 0

/** A patient connection whose keys begin with a prefix of their own, and their time. */
export const openedKeyspace = async ({ url, prefix }: GivenRedis) => {
  keyspaces += 1
  const keyPrefix = `${prefix}${keyspaces}:`
  const { redis } = await openedRedis(url, { keyPrefix, ...PATIENT })
  return {
    redis,
    keyPrefix,
    passSeconds: (seconds: number) => passInRedis(redis, keyPrefix, seconds),
  }
}

/** All keys under the prefix. */
export const keysUnder = (redis: Redis, prefix: string): Promise<string[]> =>
  redis.run((client) => client.keys(`${prefix}*`))

/** Shortens the life of all keys under the prefix, as if the time had passed. */
const passInRedis = async (redis: Redis, prefix: string, seconds: number): Promise<void> => {
  for (const key of await keysUnder(redis, prefix))
    await redis.run(async (client) => {
      const remaining = await client.pttl(key)
      // A life of 0 or less deletes the key.
      if (remaining > 0) await client.pexpire(key, remaining - seconds * 1000)
    })
}

/** All keys with their values. */
export const dumpOfRedis = async (redis: Redis, prefix: string): Promise<string> => {
  const keys = await keysUnder(redis, prefix)
  const values = await Promise.all(keys.map((key) => redis.run((client) => client.get(key))))
  return keys.map((key, index) => `${key} = ${values[index]}`).join('\n')
}
