import { Elysia } from 'elysia'
import type { Health } from '../../../ports/driving/operations/health.ts'
import { json, refuse } from '../edge/answers.ts'
import type { HealthNeeds } from '../needs.ts'

const RETRY = { 'retry-after': '1' }

/** Whether the service works, for people, orchestrators and load balancers. On both listeners. */
export const healthRoutes = ({ checkHealth, isReady, settings }: HealthNeeds) =>
  new Elysia()
    .get('/health', async () => {
      const health = await checkHealth()
      return health.status === 'unhealthy'
        ? json(503, healthBody(health, settings), RETRY)
        : json(200, healthBody(health, settings))
    })
    .get('/health/live', () => json(200, { status: 'live' }))
    .get('/health/ready', async ({ request }) =>
      isReady() && (await checkHealth()).status !== 'unhealthy'
        ? json(200, { status: 'ready' })
        : refuse(request, { code: 'unavailable', retryAfterSeconds: 1 }),
    )

const healthBody = (health: Health, { version, startedAt }: HealthNeeds['settings']) => ({
  status: health.status,
  ...health.dependencies,
  embedded: health.embedded,
  version,
  uptimeSeconds: Math.floor((Date.now() - startedAt.getTime()) / 1000),
})
