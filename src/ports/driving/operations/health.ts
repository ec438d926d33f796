import type { Dependency } from '../../driven/operations/health-probes.ts'

export type DependencyState = 'ok' | 'unavailable'

export type Health = {
  readonly status: 'healthy' | 'degraded' | 'unhealthy'
  readonly dependencies: Readonly<Record<Dependency, DependencyState>>
  readonly embedded: readonly Dependency[]
}

/** Unhealthy without the database; degraded without anything else. */
export type CheckHealth = () => Promise<Health>
