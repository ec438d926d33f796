import type { RateLimiterAbstract, RateLimiterCompatibleAbstract } from 'rate-limiter-flexible'
import { RateLimiterRedis } from 'rate-limiter-flexible'
import type { Budget } from '../../domain/limits/limits.ts'
import type { Redis } from './open-redis.ts'

/**
 * Adds points to counts, or takes them away, in one step. Points beyond the budget are refused and not counted, and no count
 * falls below zero: both would leave extra points to whoever has many requests under way when a window ends. A count of zero
 * is removed, so that refused attempts take no memory.
 */
const CHANGE_COUNTS = `
local counts = {}
for index, key in ipairs(KEYS) do
  local change, seconds, budget = tonumber(ARGV[3 * index - 2]), ARGV[3 * index - 1], tonumber(ARGV[3 * index])
  local kept = redis.call('GET', key)
  local count = tonumber(kept or 0) + change
  if count <= 0 then
    redis.call('DEL', key)
    counts[index] = {0, 0}
  else
    if change < 0 or count <= budget then
      if kept then redis.call('INCRBY', key, change) else redis.call('SET', key, count, 'EX', seconds) end
    end
    counts[index] = {count, redis.call('PTTL', key)}
  end
end
return counts`

/** Opens the counts of one budget in this process. */
type OpenInsurance = (name: string, budget: Budget) => RateLimiterCompatibleAbstract

/**
 * Opens budgets in Redis, shared by all instances. While Redis is lost, each instance counts by itself against half of each
 * budget, because a client may reach several instances, and the shared counts cannot be read.
 */
export const makeRedisBudgets = (redis: Redis, insure: OpenInsurance) => {
  const client = storeClient(redis)
  return (name: string, budget: Budget): RateLimiterAbstract =>
    new RateLimiterRedis({
      storeClient: client,
      keyPrefix: redis.keys.limits(name),
      points: budget.points,
      duration: budget.seconds,
      rejectIfRedisNotReady: true,
      insuranceLimiter: insure(name, halfOf(budget)),
    })
}

const halfOf = ({ points, seconds }: Budget): Budget => ({
  points: Math.max(1, Math.floor(points / 2)),
  seconds,
})

/** The methods of a client that the package calls. Each goes through the circuit breaker, so that nobody waits for a lost server. */
const storeClient = (redis: Redis) => {
  const changeCount = makeChangeCount(redis)
  return {
    get status() {
      return redis.isUp() ? 'ready' : 'lost'
    },
    // The package's own script counts points beyond the budget, and one key at a time.
    defineCommand: () => {},
    rlflxIncr: ([key = '', points = '', seconds = '', budget = '']: readonly string[]) =>
      changeCount({ key, values: [points, seconds, budget] }),
    del: (key: string) => redis.run((client) => client.del(key)),
    multi: () => transaction(redis),
  }
}

type Change = {
  readonly key: string
  /** The arguments of the script. */
  readonly values: readonly [points: string, seconds: string, budget: string]
}
type Waiting = Change & {
  readonly resolve: (count: unknown) => void
  readonly reject: (fault: unknown) => void
}

/**
 * Sends all changes that are asked for in one turn of the event loop in one command. A sign-in changes several counts at once, and a
 * command for each would cost the service and Redis a write and a read each time.
 */
const makeChangeCount = (redis: Redis) => {
  let waiting: Waiting[] = []

  const send = async (): Promise<void> => {
    const changes = waiting
    waiting = []
    try {
      const keys = changes.map(({ key }) => key)
      const values = changes.flatMap((change) => change.values)
      const counts = await redis.run((client) =>
        client.eval(CHANGE_COUNTS, keys.length, ...keys, ...values),
      )
      for (const [index, { resolve }] of changes.entries())
        resolve((counts as readonly unknown[])[index])
    } catch (fault) {
      for (const { reject } of changes) reject(fault)
    }
  }

  return (change: Change): Promise<unknown> =>
    new Promise((resolve, reject) => {
      waiting.push({ ...change, resolve, reject })
      if (waiting.length === 1) setImmediate(send)
    })
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
