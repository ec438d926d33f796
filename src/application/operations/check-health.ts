import type { HealthProbe } from '../../ports/driven/operations/health-probes.ts'
import type { CheckHealth, Health } from '../../ports/driving/operations/health.ts'

/** See `CheckHealth`. */
export const makeCheckHealth =
  (probes: {
    readonly db: HealthProbe
    readonly redis: HealthProbe
    readonly nats: HealthProbe
  }): CheckHealth =>
  async () => {
    const [db, redis, nats] = await Promise.all([
      stateOf(probes.db),
      stateOf(probes.redis),
      stateOf(probes.nats),
    ])
    const dependencies = { db, redis, nats }
    const embedded = Object.values(probes).flatMap((probe) => (probe.embedded ? [probe.name] : []))
    return { status: statusOf(dependencies), dependencies, embedded }
  }

const stateOf = async (probe: HealthProbe): Promise<'ok' | 'unavailable'> =>
  (await probe.isAvailable()) ? 'ok' : 'unavailable'

const statusOf = ({ db, redis, nats }: Health['dependencies']): Health['status'] => {
  if (db === 'unavailable') return 'unhealthy'
  return redis === 'ok' && nats === 'ok' ? 'healthy' : 'degraded'
}
