import type { DependencyState } from '../../domain/operations/health.ts'
import { healthStatus } from '../../domain/operations/health.ts'
import type { HealthProbe } from '../../ports/driven/operations/health-probe.ts'
import type { CheckHealth } from '../../ports/driving/operations/health.ts'

type Probes = {
  readonly db: HealthProbe
  readonly redis: HealthProbe
  readonly nats: HealthProbe
}

/** See `CheckHealth`. */
export const makeCheckHealth =
  (probes: Probes): CheckHealth =>
  async () => {
    const [db, redis, nats] = await Promise.all([
      stateOf(probes.db),
      stateOf(probes.redis),
      stateOf(probes.nats),
    ])
    const dependencies = { db, redis, nats }
    const embedded = Object.values(probes).flatMap((probe) => (probe.embedded ? [probe.name] : []))
    return { status: healthStatus(dependencies), dependencies, embedded }
  }

const stateOf = async (probe: HealthProbe): Promise<DependencyState> =>
  (await probe.isAvailable()) ? 'ok' : 'unavailable'
