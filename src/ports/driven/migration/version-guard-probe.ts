import type { VersionGuard } from '../../../domain/migration/sync-state.ts'

/**
 * Asks Backend whether it drops old versions. Only then may two channels lead to it: without that, the slower channel
 * would overwrite what the faster one delivered.
 */
export type VersionGuardProbe = {
  /** Asks Backend now, for at most 5 seconds. Never rejects. */
  ask(): Promise<VersionGuard>
  /** What Backend's latest answer said, to whatever request. */
  latest(): VersionGuard
}
