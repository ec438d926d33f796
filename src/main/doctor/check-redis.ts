import { pause } from '../../adapters/platform/pause.ts'
import { shownServer } from '../../adapters/redis/client.ts'
import { openRedis } from '../../adapters/redis/open-redis.ts'
import type { Config } from '../config.ts'
import type { Finding } from './findings.ts'
import { ill, well } from './findings.ts'

/** Whether limits and one-time codes can be written. */
export const checkRedis = async ({ redisUrl }: Config): Promise<Finding> => {
  if (redisUrl === null) return well('none: limits and codes stay in the process')
  const url = redisUrl.reveal()
  const opened = await openRedis(
    { url, clientName: 'auth-doctor' },
    { pause, log: () => {}, chance: Math.random },
  )
  if (!opened.ok) return ill(`${opened.refusal.server} cannot be used: ${opened.refusal.reason}`)
  await opened.value.close()
  return well(`${shownServer(url)} takes writes`)
}
