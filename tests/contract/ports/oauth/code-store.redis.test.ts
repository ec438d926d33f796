import { describe, expect, test } from 'bun:test'
import { makeRedisCodeStore } from '../../../../src/adapters/redis/redis-code-store.ts'
import { parseSessionId } from '../../../../src/domain/shared/ids.ts'
import { givenSessionId } from '../../../support/builders/sessions/given-sessions.ts'
import { givenRedis } from '../../../support/servers/redis/given-redis.ts'
import {
  dumpOfRedis,
  keysUnder,
  openedKeyspace,
  openedRedis,
  PATIENT,
} from '../../../support/servers/redis/opened-redis.ts'
import type { TestGrant } from './code-store.contract.ts'
import { codeStoreContract } from './code-store.contract.ts'

const given = await givenRedis()

const readGrant = (json: unknown): TestGrant | null => {
  if (typeof json !== 'object' || json === null) return null
  const sessionId = parseSessionId(String(Reflect.get(json, 'sessionId')))
  const email: unknown = Reflect.get(json, 'email')
  const isGrant = sessionId !== null && (email === null || typeof email === 'string')
  return isGrant ? { sessionId, email } : null
}

const open = async (read = readGrant) => {
  const keyspace = await openedKeyspace(given)
  return { ...keyspace, codes: makeRedisCodeStore({ redis: keyspace.redis, readGrant: read }) }
}

codeStoreContract('Redis', open)

describe('codes in Redis', () => {
  const grant = { sessionId: givenSessionId(1), email: 'john@example.com' }

  test('neither code nor state nor what the grant says can be read there [SE12]', async () => {
    const { codes, redis, keyPrefix } = await open()
    const code = await codes.generateCode(grant, 'a guessable state')
    const spent = await codes.generateCode(grant, 'a guessable state')
    await codes.exchangeCode(spent, 'a guessable state')
    const dump = await dumpOfRedis(redis, keyPrefix)
    expect(dump.split('\n').length).toBeGreaterThanOrEqual(2)
    for (const secret of [code, spent, 'guessable', 'john', 'example'])
      expect(dump).not.toContain(secret)
  })

  test('equal states of two codes look different', async () => {
    const { codes, redis, keyPrefix } = await open()
    await codes.generateCode(grant, 'same')
    await codes.generateCode(grant, 'same')
    const macs = (await dumpOfRedis(redis, keyPrefix)).match(/(?<=live )\S+/g) ?? []
    expect(new Set(macs).size).toBe(2)
  })

  test('no key lives longer than its code is remembered', async () => {
    const { codes, redis, keyPrefix, passSeconds } = await open()
    await codes.generateCode(grant, 'a')
    await codes.exchangeCode(await codes.generateCode(grant, 'b'), 'b')
    await codes.exchangeCode(await codes.generateCode(grant, 'c'), 'wrong')
    const lives = await Promise.all(
      (await keysUnder(redis, `${keyPrefix}code:`)).map((key) =>
        redis.run((client) => client.ttl(key)),
      ),
    )
    expect(lives.toSorted((a, b) => a - b)).toEqual([300, 3600, 3600])
    await passSeconds(3600)
    expect(await keysUnder(redis, `${keyPrefix}code:`)).toEqual([])
  })

  test('of exchanges over two instances at once exactly one receives the grant', async () => {
    const { codes, keyPrefix } = await open()
    const { redis } = await openedRedis(given.url, { keyPrefix, ...PATIENT })
    const others = makeRedisCodeStore({ redis, readGrant })
    const code = await codes.generateCode(grant, 'a')
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        (index % 2 === 0 ? codes : others).exchangeCode(code, 'a'),
      ),
    )
    expect(answers.filter((answer) => answer !== null)).toHaveLength(1)
  })

  test('a grant that this release cannot read counts as none, and its code as spent', async () => {
    const { codes } = await open(() => null)
    const code = await codes.generateCode(grant, 'a')
    expect(await codes.exchangeCode(code, 'a')).toBeNull()
    expect(await codes.exchangeCode(code, 'a')).toBeNull()
  })
})
