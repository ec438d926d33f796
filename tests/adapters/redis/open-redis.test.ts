import { afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { RedisClient } from 'bun'
import { pause } from '../../../src/adapters/platform/pause.ts'
import { openRedis } from '../../../src/adapters/redis/open-redis.ts'
import { Unavailable } from '../../../src/domain/shared/unavailable.ts'
import { freePort } from '../../support/processes/native/free-port.ts'
import { eventually } from '../../support/processes/timing/eventually.ts'
import { redisAt } from '../../support/servers/addresses.ts'
import type { Server } from '../../support/servers/provide/server.ts'
import { givenRedisServer } from '../../support/servers/redis/given-redis.ts'
import {
  dumpOfRedis,
  keysUnder,
  openedRedis,
  PATIENT,
} from '../../support/servers/redis/opened-redis.ts'

let server: Server
let admin: RedisClient
beforeAll(async () => {
  server = await givenRedisServer()
  admin = new RedisClient(server.url)
  await admin.connect()
}, 60_000)

const withPassword = (password: string): string => {
  const url = new URL(server.url)
  url.password = password
  return url.href
}

const refusalOf = async (url: string, startTimeoutMs = 1500) => {
  const opened = await openRedis(
    { address: redisAt(url), clientName: 'test', startTimeoutMs },
    { log: () => {}, pause, chance: () => 0.5 },
  )
  if (!opened.ok) return opened.refusal
  await opened.value.close()
  return null
}

const missing = (reason: string, url = server.url) => ({
  kind: 'redis-missing' as const,
  server: new URL(url).host,
  reason,
})

describe('opening Redis', () => {
  afterEach(async () => {
    await admin.send('CONFIG', ['SET', 'requirepass', ''])
    await admin.send('REPLICAOF', ['NO', 'ONE'])
  })

  test('is refused when no server listens there', async () => {
    const url = `redis://127.0.0.1:${await freePort()}`
    expect(await refusalOf(url)).toEqual(missing('ECONNREFUSED', url))
  })

  test('is tried every 25 ms for as long as was asked, and no longer', async () => {
    const url = `redis://127.0.0.1:${await freePort()}`
    let waits = 0
    const opened = await openRedis(
      { address: redisAt(url), clientName: 'test', startTimeoutMs: 300 },
      {
        log: () => {},
        chance: () => 0.5,
        pause: (milliseconds, signal) => {
          waits += 1
          return pause(milliseconds, signal)
        },
      },
    )
    expect(opened).toMatchObject({ ok: false, refusal: missing('ECONNREFUSED', url) })
    expect(waits).toBeGreaterThan(0)
    // A timer may be a millisecond early.
    expect(waits).toBeLessThanOrEqual(14)
  })

  test('is refused when the server hangs', async () => {
    await server.freeze()
    const refusal = await refusalOf(server.url, 600)
    await server.thaw()
    expect(refusal).toEqual(missing('no answer'))
  })

  test('is refused without the password or with a wrong one, and the reason does not contain it', async () => {
    await admin.send('CONFIG', ['SET', 'requirepass', 'the right one'])
    expect(await refusalOf(server.url)).toEqual(missing('NOAUTH'))
    expect(await refusalOf(withPassword('the wrong one'))).toEqual(missing('WRONGPASS'))
    expect(await refusalOf(withPassword('the right one'))).toBeNull()
  })

  test('is refused when the server takes no writes', async () => {
    await admin.send('REPLICAOF', ['127.0.0.1', '1'])
    expect(await refusalOf(server.url)).toEqual(missing('READONLY'))
  })

  test('waits for a server that comes up a moment later', async () => {
    await server.kill()
    const [{ redis }] = await Promise.all([
      openedRedis(server.url, { startTimeoutMs: 10_000 }),
      server.start(),
    ])
    expect(await redis.isAvailable()).toBe(true)
  })

  test('gives connections the name that the server lists', async () => {
    const { redis } = await openedRedis(server.url, { clientName: 'auth-service' })
    const another = redis.openConnection('signals')
    await eventually('a connection with our name', 20, async () => {
      const list = String(await admin.send('CLIENT', ['LIST']))
      expect(list).toContain('name=auth-service ')
      expect(list).toContain('name=auth-service-signals ')
    })
    another.disconnect()
  })
})

describe('an open Redis', () => {
  test('names everything under its prefix, and leaves nothing that stays', async () => {
    const { redis } = await openedRedis(server.url)
    // The probe lives for one second.
    await eventually('the probe alone', 20, async () => {
      expect(await redis.isAvailable()).toBe(true)
      expect(await keysUnder(redis, '')).toEqual(['auth:probe'])
      expect(await redis.run((client) => client.pttl(redis.keys.probe))).toBeGreaterThan(0)
    })
    expect(redis.keys).toMatchObject({ signals: 'auth:signals' })
    expect(redis.keys.code('x')).toBe('auth:code:x' as never)
  })

  test('distinguishes a wrong command from a lost server, and repeats neither', async () => {
    const { redis, changes } = await openedRedis(server.url, { keyPrefix: 'wrong:' })
    await redis.run((client) => client.set('wrong:text', 'secret'))
    const asked = redis.run((client) => client.incr('wrong:text'))
    await expect(asked).rejects.toThrow('redis refused a command')
    await expect(asked).rejects.not.toBeInstanceOf(Unavailable)
    expect(changes).toEqual([])
    expect(await dumpOfRedis(redis, 'wrong:text')).toBe('wrong:text = secret')
  })

  test('abandons a command without an answer, and logs no arguments', async () => {
    const { redis } = await openedRedis(server.url)
    await server.freeze()
    const asked = redis.run((client) => client.set('k', 'secret'))
    const fault = await asked.then(
      () => null,
      (thrown: unknown) => thrown,
    )
    await server.thaw()
    expect(fault).toBeInstanceOf(Unavailable)
    expect(Bun.inspect(fault)).not.toContain('secret')
    await eventually('Redis is back', 20, () => expect(redis.isUp()).toBe(true))
  })

  test('waits longer than usual for an answer where it is told to', async () => {
    const [usual, patient] = await Promise.all([
      openedRedis(server.url),
      openedRedis(server.url, PATIENT),
    ])
    await server.freeze()
    const asked = patient.redis.run((client) => client.ping())
    expect(await usual.redis.isAvailable()).toBe(false)
    await server.thaw()
    expect(await asked).toBe('PONG')
    expect(patient.changes).toEqual([])
  })

  test('is lost and comes back when only its connection is cut', async () => {
    const { redis, logged } = await openedRedis(server.url, { clientName: 'to-be-cut' })
    const id = /id=(\d+) .*name=to-be-cut /.exec(String(await admin.send('CLIENT', ['LIST'])))?.[1]
    await admin.send('CLIENT', ['KILL', 'ID', String(id)])
    await eventually('loss and return in the log', 20, () => expect(logged).toHaveLength(2))
    expect(logged.map(({ event, fields }) => [event, fields['reason']])).toEqual([
      ['redis.lost', 'closed'],
      ['redis.back', undefined],
    ])
    expect(await redis.isAvailable()).toBe(true)
  })

  test('is unavailable after it was closed, which can be repeated', async () => {
    const { redis, changes } = await openedRedis(server.url)
    await redis.close()
    await redis.close()
    await expect(redis.run((client) => client.ping())).rejects.toThrow(Unavailable)
    expect(await redis.isAvailable()).toBe(false)
    expect(changes).toEqual([])
  })

  test('can be closed while it is lost', async () => {
    const { redis, changes } = await openedRedis(server.url)
    await server.freeze()
    expect(await redis.isAvailable()).toBe(false)
    await redis.close()
    await server.thaw()
    expect(changes).toEqual([false])
  })
})
