import type { OpenBudget } from '../../../adapters/limits/limiter.ts'
import { makeInProcessOAuthStores } from '../../../adapters/memory/in-process-oauth-stores.ts'
import { makeInProcessSignals } from '../../../adapters/memory/in-process-signals.ts'
import { makeMonotonicBudgets } from '../../../adapters/memory/monotonic-limiter.ts'
import type { RedisMissing } from '../../../adapters/redis/open-redis.ts'
import { openRedis } from '../../../adapters/redis/open-redis.ts'
import { makeRedisBudgets } from '../../../adapters/redis/redis-budgets.ts'
import { makeRedisOAuthStores } from '../../../adapters/redis/redis-oauth-stores.ts'
import { makeRedisSignals } from '../../../adapters/redis/redis-signals.ts'
import type { Refusal } from '../../../domain/operations/exit-codes.ts'
import { EXIT } from '../../../domain/operations/exit-codes.ts'
import type { Result } from '../../../domain/shared/result.ts'
import { fail, ok } from '../../../domain/shared/result.ts'
import type { OAuthStores } from '../../../ports/driven/oauth/one-time-store.ts'
import type { HealthProbe } from '../../../ports/driven/operations/health-probe.ts'
import type { ScheduledTask } from '../../../ports/driven/operations/scheduled-task.ts'
import type { Signals } from '../../../ports/driven/operations/signals.ts'
import type { Monotonic, Pause } from '../../../ports/driven/shared/clock.ts'
import type { Log } from '../../../ports/driven/shared/log.ts'
import type { Config } from '../../config/config.ts'

/** What instances share besides the database: in Redis, or in this process where there is no Redis. */
export type SharedMemory = {
  readonly openBudget: OpenBudget
  readonly signals: Signals
  readonly oauthStores: OAuthStores
  /** Removes what has expired; none where the store does that by itself. */
  readonly tasks: readonly ScheduledTask[]
  readonly probe: HealthProbe
  close(): Promise<void>
}

type Needs = {
  readonly log: Log
  readonly pause: Pause
  readonly monotonic: Monotonic
  readonly chance: () => number
  /** Called when the limits are no longer shared by all instances, and when they are again. */
  readonly recordLimitSharing: (areShared: boolean) => Promise<void>
}

const SWEEP_SECONDS = 60

/**
 * Redis, or what replaces it in one process. A Redis that is missing at the start is a refusal in production; elsewhere
 * the replacement serves, and one line of the log says so.
 */
export const openSharedMemory = async (
  { redisUrl, mode }: Config,
  needs: Needs,
): Promise<Result<SharedMemory, Refusal>> => {
  if (redisUrl === null) return ok(inProcess())
  const opened = await openRedis(
    { address: redisUrl.reveal(), clientName: 'auth-service' },
    { ...needs, onChange: (isUp) => void needs.recordLimitSharing(isUp) },
  )
  if (!opened.ok) {
    if (mode === 'production') return fail(redisMissing(opened.refusal))
    const { server, reason } = opened.refusal
    needs.log('warn', 'redis.missing', {
      server,
      reason,
      instead: 'limits, codes and signals in memory',
    })
    return ok(inProcess())
  }
  const redis = opened.value
  const signals = makeRedisSignals({ redis, ...needs })
  return ok({
    openBudget: makeRedisBudgets(redis, makeMonotonicBudgets()),
    signals,
    oauthStores: makeRedisOAuthStores(redis),
    tasks: [],
    probe: { name: 'redis', embedded: false, isAvailable: redis.isAvailable },
    close: async () => {
      await signals.close()
      await redis.close()
    },
  })
}

const inProcess = (): SharedMemory => {
  const signals = makeInProcessSignals()
  const oauthStores = makeInProcessOAuthStores()
  return {
    openBudget: makeMonotonicBudgets(),
    signals,
    oauthStores,
    tasks: [
      { name: 'one-time', everySeconds: SWEEP_SECONDS, run: async () => oauthStores.sweep() },
    ],
    probe: { name: 'redis', embedded: true, isAvailable: async () => true },
    close: signals.close,
  }
}

const redisMissing = ({ server, reason }: RedisMissing): Refusal => ({
  exitCode: EXIT.unavailable,
  lines: [`Redis at ${server} cannot be used: ${reason}. Start it, or set REDIS_URL.`],
})
