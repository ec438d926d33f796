export type Dependency = 'db' | 'redis' | 'nats'
export type DependencyState = 'ok' | 'unavailable'
export type DependencyStates = Readonly<Record<Dependency, DependencyState>>

export type Health = {
  readonly status: 'healthy' | 'degraded' | 'unhealthy'
  readonly dependencies: DependencyStates
  /** The dependencies that run inside this process. */
  readonly embedded: readonly Dependency[]
}

/** Unhealthy without the database. Degraded without any other dependency, because the service works on with less. */
export const healthStatus = ({ db, redis, nats }: DependencyStates): Health['status'] => {
  if (db === 'unavailable') return 'unhealthy'
  return redis === 'ok' && nats === 'ok' ? 'healthy' : 'degraded'
}
