import type { Dependency } from '../../../domain/operations/health.ts'

/** Finds out whether one dependency answers now, within a second. */
export type HealthProbe = {
  readonly name: Dependency
  /** Whether the dependency runs inside this process. */
  readonly embedded: boolean
  isAvailable(): Promise<boolean>
}
