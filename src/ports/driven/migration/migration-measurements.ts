import type { SyncMode } from '../../../domain/migration/sync-mode.ts'

/** What is measured about the move to events; docs/metrics.md has the names that operators see. */
export type MigrationMeasurements = {
  /** The mode as this instance last read it. */
  syncMode(mode: SyncMode & { readonly armed: boolean }): void
  /** How many checks in a row the rollout guard saw fail, and whether it found no better channel to step back to. */
  guard(breaches: number, isStuck: boolean): void
}
