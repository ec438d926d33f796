import { beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { RedisClient } from 'bun'
import { makeLimiter } from '../../../src/adapters/limits/limiter.ts'
import { makeMonotonicBudgets } from '../../../src/adapters/memory/monotonic-limiter.ts'
import { pause } from '../../../src/adapters/platform/pause.ts'
import { makeRedisBudgets } from '../../../src/adapters/redis/redis-budgets.ts'
import { makeRedisCodeStore } from '../../../src/adapters/redis/redis-code-store.ts'
import { makeRedisSignals } from '../../../src/adapters/redis/redis-signals.ts'
import { DEFAULT_BUDGETS } from '../../../src/domain/limits/limits.ts'
import { Unavailable } from '../../../src/domain/shared/unavailable.ts'
import type { LimitKey } from '../../../src/ports/driven/limits/limiter.ts'
import { givenSessionId } from '../../support/builders/sessions/given-sessions.ts'
import { atTheEnd } from '../../support/processes/test-run/at-the-end.ts'
import { eventually } from '../../support/processes/timing/eventually.ts'
import type { Server } from '../../support/servers/provide/server.ts'
import { givenRedisServer } from '../../support/servers/redis/given-redis.ts'
import { openedRedis } from '../../support/servers/redis/opened-redis.ts'

let server: Server
beforeAll(async () => {
  server = await givenRedisServer()
}, 60_000)

const order = async (...command: readonly string[]): Promise<void> => {
  const [name = '', ...values] = command
  const admin = new RedisClient(server.url)
  await admin.send(name, values)
  admin.close()
}

type Fault = {
  readonly hurt: () => Promise<void>
  readonly heal: () => Promise<void>
  /** Whether the connections break too, or no longer answer. */
  readonly deafens: boolean
}

const FAULTS: Readonly<Record<string, Fault>> = {
  killed: { hurt: () => server.kill(), heal: () => server.start(), deafens: true },
  stopped: { hurt: () => server.stop(), heal: () => server.start(), deafens: true },
  frozen: { hurt: () => server.freeze(), heal: () => server.thaw(), deafens: true },
  full: {
    hurt: () => order('CONFIG', 'SET', 'maxmemory', '1'),
    heal: () => order('CONFIG', 'SET', 'maxmemory', '0'),
    deafens: false,
  },
  'turned into a replica': {
    hurt: () => order('REPLICAOF', '127.0.0.1', '1'),
    heal: () => order('REPLICAOF', 'NO', 'ONE'),
    deafens: false,
  },
  'not ours any more': {
    hurt: () => order('ACL', 'SETUSER', 'default', '-set', '-eval'),
    heal: () => order('ACL', 'SETUSER', 'default', '+@all'),
    deafens: false,
  },
}

const GRANT = { sessionId: givenSessionId(1) }
const REGISTER: LimitKey = { budget: 'register', key: 'a' }
const ACCOUNT: LimitKey = { budget: 'sign-in-account', key: 'a' }

let opened = 0
const open = async () => {
  const { redis, logged, changes } = await openedRedis(server.url, { keyPrefix: `${opened++}:` })
  const signals = makeRedisSignals({ redis, pause, monotonic: () => performance.now() })
  atTheEnd(signals.close)
  await eventually('listening', 20, () => expect(signals.isListening()).toBe(true))
  const limiter = makeLimiter({
    budgets: DEFAULT_BUDGETS,
    macKey: new Uint8Array(32).fill(5),
    open: makeRedisBudgets(redis, makeMonotonicBudgets()),
  })
  return {
    redis,
    logged,
    changes,
    signals,
    limiter,
    codes: makeRedisCodeStore({ redis, readGrant: () => GRANT }),
    taken: async (key: LimitKey, times: number) => {
      const all = await Promise.all(Array.from({ length: times }, () => limiter.take([key])))
      return all.filter(({ allowed }) => allowed).length
    },
  }
}

const COMMAND_TIMEOUT_MS = 200

/** Settles as the work does. Fails when that took 250 ms, not counting the delay of the machine itself. */
const promptly = async <T>(work: () => Promise<T>): Promise<T> => {
  const since = performance.now()
  const elapsed = () => performance.now() - since
  const lateness = pause(COMMAND_TIMEOUT_MS, new AbortController().signal).then(
    () => elapsed() - COMMAND_TIMEOUT_MS,
  )
  try {
    return await work()
  } finally {
    const took = elapsed()
    if (took >= COMMAND_TIMEOUT_MS) expect(took).toBeLessThan(250 + (await lateness))
  }
}

describe.each(Object.entries(FAULTS))('while Redis is %s', (_, { hurt, heal, deafens }) => {
  let given: Awaited<ReturnType<typeof open>>
  let code: string
  beforeEach(async () => {
    given = await open()
    code = await given.codes.generateCode(GRANT, 'state')
  })

  const whileHurt = async (work: () => Promise<void>) => {
    await hurt()
    try {
      await work()
    } finally {
      await heal()
    }
    await eventually('Redis is back', 20, () => expect(given.redis.isUp()).toBe(true))
  }

  test('codes are unavailable within 250 ms, a hundred at once too, and afterwards what they were', async () => {
    const { codes, redis } = given
    await whileHurt(async () => {
      const asked = await promptly(() =>
        Promise.allSettled(Array.from({ length: 100 }, () => codes.generateCode(GRANT, 'state'))),
      )
      for (const answer of asked)
        expect(answer).toMatchObject({ status: 'rejected', reason: expect.any(Unavailable) })
      await expect(promptly(() => codes.exchangeCode(code, 'state'))).rejects.toThrow(Unavailable)
      await expect(promptly(() => codes.replayOf(code))).rejects.toThrow(Unavailable)
      expect(await promptly(redis.isAvailable)).toBe(false)
    })
    expect(await codes.exchangeCode(code, 'state')).toEqual(GRANT)
    expect(await redis.isAvailable()).toBe(true)
  })

  test('each instance goes on with half of each budget, and promptly [BF8]', async () => {
    const { taken, limiter } = given
    expect(await taken(REGISTER, 4)).toBe(4)
    await whileHurt(async () => {
      expect(await promptly(() => taken(REGISTER, 4))).toBe(2)
      expect(await promptly(() => taken(ACCOUNT, 12))).toBe(5)
      expect(await limiter.take([ACCOUNT])).toEqual({ allowed: false, retryAfterSeconds: 60 })
      await limiter.giveBack([REGISTER])
      expect(await taken(REGISTER, 4)).toBe(1)
    })
    // A frozen server runs the commands that it received when it goes on, so nothing may be left.
    expect(await taken(REGISTER, 4)).toBeLessThanOrEqual(1)
    expect(await taken(ACCOUNT, 12)).toBe(10)
  })

  test('the loss and the return are logged once each, without the commands', async () => {
    const { codes, logged, changes } = given
    await whileHurt(async () => {
      for (let attempt = 0; attempt < 5; attempt += 1)
        await codes.exchangeCode(code, 'a secret state').catch(() => {})
      await eventually('the loss is noticed', 20, () => expect(changes).toEqual([false]))
    })
    expect(changes).toEqual([false, true])
    expect(logged.map(({ event }) => event)).toEqual(['redis.lost', 'redis.back'])
    expect(logged[0]?.fields['server']).toBe(new URL(server.url).host)
    expect(JSON.stringify(logged)).not.toContain('secret')
  })

  test('the first question whether it is available is answered with no', async () => {
    const { redis } = given
    expect(await redis.isAvailable()).toBe(true)
    await whileHurt(async () => {
      expect(await promptly(redis.isAvailable)).toBe(false)
    })
  })

  test('announcing throws nothing, and an instance that receives no signals says so', async () => {
    const { signals } = given
    const heard: string[] = []
    signals.listen(({ kind }) => heard.push(kind))
    await whileHurt(async () => {
      await promptly(() => signals.announce({ kind: 'shards-freed' }))
      if (deafens)
        await eventually('no longer listening', 20, () => expect(signals.isListening()).toBe(false))
    })
    await eventually('listening', 20, () => expect(signals.isListening()).toBe(true))
    if (deafens) expect(heard).toContain('signals-missed')
    await signals.announce({ kind: 'events-waiting', shards: [1] })
    await eventually('the announcement', 20, () => expect(heard).toContain('events-waiting'))
  })
})

describe('a frozen Redis', () => {
  // Planted fault: with `enableAutoPipelining`, a command waits until the ones before it have failed, and then as long again.
  test('answers commands that come one after another for half a second within 250 ms each', async () => {
    const { redis, codes } = await open()
    await server.freeze()
    const asked: Promise<unknown>[] = []
    for (let time = 0; time < 500; time += 10) {
      asked.push(
        promptly(() => codes.generateCode(GRANT, 'state')).then(
          () => 'answered',
          (fault: unknown) => fault,
        ),
      )
      await pause(10, new AbortController().signal)
    }
    const answers = await Promise.all(asked)
    await server.thaw()
    for (const answer of answers) expect(answer).toBeInstanceOf(Unavailable)
    await eventually('Redis is back', 20, () => expect(redis.isUp()).toBe(true))
  })

  test('counts as bringing signals for no longer than a second', async () => {
    const { signals } = await open()
    await server.freeze()
    const since = performance.now()
    let believedAt = since
    await eventually('no longer listening', 20, () => {
      const now = performance.now()
      if (signals.isListening()) believedAt = now
      expect(believedAt).toBeLessThan(now)
    })
    expect(believedAt - since).toBeLessThan(1100)
    await server.thaw()
  })
})

describe('a Redis whose connections end', () => {
  // The clock stands still, so no answer to a probe becomes too old.
  test('counts at once as bringing no signals', async () => {
    const { redis } = await openedRedis(server.url, { keyPrefix: `${opened++}:` })
    const signals = makeRedisSignals({ redis, pause, monotonic: () => 0 })
    atTheEnd(signals.close)
    await eventually('listening', 20, () => expect(signals.isListening()).toBe(true))
    await server.kill()
    await eventually('no longer listening', 20, () => expect(signals.isListening()).toBe(false))
    await server.start()
    await eventually('listening', 20, () => expect(signals.isListening()).toBe(true))
  })
})

describe('a flushed Redis', () => {
  test('starts all budgets anew once, and has no codes [BF8]', async () => {
    const { taken, codes, changes } = await open()
    const code = await codes.generateCode(GRANT, 'state')
    expect(await taken(REGISTER, 9)).toBe(5)
    await order('FLUSHALL')
    expect(await taken(REGISTER, 9)).toBe(5)
    expect(await taken(REGISTER, 9)).toBe(0)
    expect(await codes.exchangeCode(code, 'state')).toBeNull()
    expect(changes).toEqual([])
  })
})
