import type { RateLimiterAbstract, RateLimiterCompatibleAbstract } from 'rate-limiter-flexible'
import { RateLimiterRedis } from 'rate-limiter-flexible'
import type { Budget } from '../../domain/limits/limits.ts'
import type { Redis } from './open-redis.ts'

/**
 * Adds points to a count, or takes them away, in one step. Points beyond the budget are refused and not counted, and no count
 * falls below zero: both would leave extra points to whoever has many requests under way when a window ends. A count of zero
 * is removed, so that refused attempts take no memory.
 */
const CHANGE_COUNT = `
local kept = redis.call('GET', KEYS[1])
local change, seconds, budget = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3])
local count = tonumber(kept or 0) + change
if count <= 0 then
  redis.call('DEL', KEYS[1])
  return {0, 0}
end
if change < 0 or count <= budget then
  if kept then redis.call('INCRBY', KEYS[1], change) else redis.call('SET', KEYS[1], count, 'EX', seconds) end
end
return {count, redis.call('PTTL', KEYS[1])}`

/** Opens the counts of one budget in this process. */
type OpenInsurance = (name: string, budget: Budget) => RateLimiterCompatibleAbstract

/**
 * Opens budgets in Redis, shared by all instances. While Redis is lost, each instance counts by itself against half of each
 * budget, because a client may reach several instances, and the shared counts cannot be read.
 */
export const makeRedisBudgets =
  (redis: Redis, insure: OpenInsurance) =>
  (name: string, budget: Budget): RateLimiterAbstract =>
    new RateLimiterRedis({
      storeClient: storeClient(redis),
      keyPrefix: redis.keys.limits(name),
      points: budget.points,
      duration: budget.seconds,
      rejectIfRedisNotReady: true,
      customIncrTtlLuaScript: CHANGE_COUNT,
      insuranceLimiter: insure(name, halfOf(budget)),
    })

const halfOf = ({ points, seconds }: Budget): Budget => ({
  points: Math.max(1, Math.floor(points / 2)),
  seconds,
})

type Script = { readonly lua: string }

/** The methods of a client that the package calls. Each goes through the circuit breaker, so that nobody waits for a lost server. */
const storeClient = (redis: Redis) => {
  let script = ''
  return {
    get status() {
      return redis.isUp() ? 'ready' : 'lost'
    },
    defineCommand: (_name: string, { lua }: Script) => {
      script = lua
    },
    rlflxIncr: ([key = '', ...values]: readonly string[]) =>
      redis.run((client) => client.eval(script, 1, key, ...values)),
    del: (key: string) => redis.run((client) => client.del(key)),
    multi: () => transaction(redis),
  }
}

type Transaction = {
  get(key: string): Transaction
  pttl(key: string): Transaction
  set(...values: readonly [key: string, points: number, unit: 'EX', seconds: number]): Transaction
  exec(): Promise<unknown>
}

/** Each step is added to the same transaction, because the package does not always use what a step returns. */
const transaction = (redis: Redis): Transaction => {
  const steps: (string | number)[][] = []
  const add = (...step: (string | number)[]): Transaction => {
    steps.push(step)
    return building
  }
  const building: Transaction = {
    get: (key) => add('get', key),
    pttl: (key) => add('pttl', key),
    set: (...values) => add('set', ...values),
    exec: () => redis.run((client) => client.multi(steps).exec()),
  }
  return building
}
