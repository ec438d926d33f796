import { describe, expect, test } from 'bun:test'
import { makeCheckHealth } from '../../../src/application/operations/check-health.ts'
import type { Dependency } from '../../../src/domain/operations/health.ts'

const given = (unavailable: readonly Dependency[], embedded: readonly Dependency[] = []) => {
  const probe = (name: Dependency) => ({
    name,
    embedded: embedded.includes(name),
    isAvailable: async () => !unavailable.includes(name),
  })
  return makeCheckHealth({ db: probe('db'), redis: probe('redis'), nats: probe('nats') })
}

describe('the health of the service', () => {
  test.each([
    [[], 'healthy'],
    [['redis'], 'degraded'],
    [['nats'], 'degraded'],
    [['redis', 'nats'], 'degraded'],
    [['db'], 'unhealthy'],
    [['db', 'redis', 'nats'], 'unhealthy'],
  ] as const)('without %j is %s', async (unavailable, status) => {
    const health = await given(unavailable)()
    expect(health.status).toBe(status)
    const missing = Object.entries(health.dependencies).filter(([, state]) => state !== 'ok')
    expect<string[]>(missing.map(([name]) => name)).toEqual([...unavailable])
  })

  test('names the parts that are embedded', async () => {
    expect((await given([], ['db', 'nats'])()).embedded).toEqual(['db', 'nats'])
    expect((await given([])()).embedded).toEqual([])
  })
})
