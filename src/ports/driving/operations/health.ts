import type { Health } from '../../../domain/operations/health.ts'

/** Probes all dependencies at once, within a second. */
export type CheckHealth = () => Promise<Health>
