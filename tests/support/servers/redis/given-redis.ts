import { RedisClient } from 'bun'
import { atTheEnd } from '../../processes/test-run/at-the-end.ts'
import { findServerSources } from '../provide/find-server-sources.ts'
import { provided } from '../provide/provide-servers.ts'
import type { Server } from '../provide/server.ts'
import { startRedis } from './start-redis.ts'

export type GivenRedis = {
  readonly url: string
  /** Begins every key and channel of this test file; what is left under it is deleted at the end. */
  readonly prefix: string
}

/** The Redis of this run. Other test files use it too, so a test reads and writes only keys under its prefix. */
export const givenRedis = async (): Promise<GivenRedis> => {
  const { TEST_REDIS_URL: url = '' } = await provided('Redis')
  const prefix = `test:${crypto.randomUUID().slice(0, 8)}:`
  atTheEnd(() => deleteUnder(url, prefix))
  return { url, prefix }
}

/** A server of its own, which a test may kill, freeze, flush and fill. */
export const givenRedisServer = async (): Promise<Server> => {
  const [{ source }] = await findServerSources('Redis')
  return startRedis(source)
}

const deleteUnder = async (url: string, prefix: string): Promise<void> => {
  const redis = new RedisClient(url)
  try {
    const keys: unknown = await redis.send('KEYS', [`${prefix}*`])
    if (Array.isArray(keys) && keys.length > 0) await redis.send('DEL', keys.map(String))
  } finally {
    redis.close()
  }
}
