import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import type { Health } from '../../../domain/operations/health.ts'
import type { CheckHealth } from '../../../ports/driving/operations/health.ts'
import { json, refuse } from '../edge/answers.ts'
import type { Operations } from '../openapi/operation.ts'

export type HealthNeeds = {
  readonly checkHealth: CheckHealth
  /** False while the service is starting or stopping. */
  readonly isReady: () => boolean
  /** What the operator should look at; left out where strangers can read the answer. */
  readonly warnings?: () => readonly string[]
  readonly settings: {
    readonly version: string
    /** Seconds since the start, by a clock that never goes back. */
    readonly uptimeSeconds: () => number
  }
}

const RETRY = { 'retry-after': '1' }

/** Whether the service works, for people, orchestrators and load balancers. On both listeners. */
export const healthRoutes = ({ checkHealth, isReady, warnings, settings }: HealthNeeds) => {
  const bodyOf = (health: Health) => ({
    ...healthBody(health, settings),
    ...(warnings && { warnings: warnings() }),
  })
  return new Elysia()
    .get('/health', async () => {
      const health = await checkHealth()
      return health.status === 'unhealthy'
        ? json(503, bodyOf(health), RETRY)
        : json(200, bodyOf(health))
    })
    .get('/health/live', () => json(200, { status: 'live' }))
    .get('/health/ready', async ({ request }) =>
      isReady() && (await checkHealth()).status !== 'unhealthy'
        ? json(200, { status: 'ready' })
        : refuse(request, { code: 'unavailable', retryAfterSeconds: 1 }),
    )
}

const healthBody = (health: Health, { version, uptimeSeconds }: HealthNeeds['settings']) => ({
  status: health.status,
  ...health.dependencies,
  embedded: health.embedded,
  version,
  uptimeSeconds: Math.floor(uptimeSeconds()),
})

const DependencyState = Type.Union([Type.Literal('ok'), Type.Literal('unavailable')])
const Dependency = Type.Union([Type.Literal('db'), Type.Literal('redis'), Type.Literal('nats')])

const HealthShape = Type.Object(
  {
    status: Type.Union([
      Type.Literal('healthy'),
      Type.Literal('degraded'),
      Type.Literal('unhealthy'),
    ]),
    db: DependencyState,
    redis: DependencyState,
    nats: DependencyState,
    embedded: Type.Array(Dependency, {
      description: 'The dependencies that run inside the service',
    }),
    version: Type.String(),
    uptimeSeconds: Type.Integer({ minimum: 0 }),
  },
  { $id: 'Health', additionalProperties: false },
)

const statusOf = (name: string) =>
  Type.Object({ status: Type.Literal(name) }, { additionalProperties: false })

/** What the OpenAPI document says about these routes. */
export const HEALTH_OPERATIONS = {
  'GET /health': {
    id: 'checkHealth',
    tag: 'Service',
    summary: 'Report the health of the service and its dependencies',
    answers: {
      200: { description: 'Healthy or degraded', schema: HealthShape },
      503: { description: 'The database is unavailable', schema: HealthShape },
    },
  },
  'GET /health/live': {
    id: 'checkLiveness',
    tag: 'Service',
    summary: 'Report that the process is alive',
    answers: { 200: { description: 'The process is alive', schema: statusOf('live') } },
  },
  'GET /health/ready': {
    id: 'checkReadiness',
    tag: 'Service',
    summary: 'Report whether this instance can take requests',
    description:
      'Answers 503 while the service is starting, stopping, or cannot reach its database.',
    answers: { 200: { description: 'This instance can take requests', schema: statusOf('ready') } },
  },
} as const satisfies Operations
