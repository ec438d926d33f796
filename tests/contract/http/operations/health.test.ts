import { describe, expect, test } from 'bun:test'
import type { Health } from '../../../../src/domain/operations/health.ts'
import { givenApi } from '../given-api.ts'

const healthOf =
  (status: Health['status'], db: 'ok' | 'unavailable') => async (): Promise<Health> => ({
    status,
    dependencies: { db, redis: 'unavailable', nats: 'ok' },
    embedded: ['db'],
  })

describe('GET /health', () => {
  test('names each dependency, the version and the time since the start', async () => {
    const { send } = givenApi({ settings: { uptimeSeconds: () => 90.5 } })
    const response = await send('/health')
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({
      status: 'healthy',
      db: 'ok',
      redis: 'ok',
      nats: 'ok',
      embedded: ['db'],
      version: '0.1.0',
      uptimeSeconds: 90,
    })
  })

  test.each([
    ['degraded', 'ok', 200],
    ['unhealthy', 'unavailable', 503],
  ] as const)(
    'of a service that is %s answers as one with its database %s',
    async (status, db, code) => {
      const response = await givenApi({ checkHealth: healthOf(status, db) }).send('/health')
      expect(response.status).toBe(code)
      expect(await response.json()).toMatchObject({ status, db, redis: 'unavailable' })
      expect(response.headers.has('retry-after')).toBe(code === 503)
    },
  )
})

describe('GET /health/ready', () => {
  test.each([
    ['working', true, healthOf('degraded', 'ok'), 200],
    ['starting or stopping', false, healthOf('healthy', 'ok'), 503],
    ['without its database', true, healthOf('unhealthy', 'unavailable'), 503],
  ])('of a service that is %s answers accordingly', async (_, ready, checkHealth, status) => {
    const response = await givenApi({ isReady: () => ready, checkHealth }).send('/health/ready')
    expect(response.status).toBe(status)
  })
})

describe('GET /health/live', () => {
  test('checks no dependency', async () => {
    const { send } = givenApi({
      isReady: () => false,
      checkHealth: async () => {
        throw new Error('must not run')
      },
    })
    expect((await send('/health/live')).status).toBe(200)
  })
})
