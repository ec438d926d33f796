import type { Channel } from '../../../domain/events/user-event.ts'
import type { BudgetName } from '../../../domain/limits/limits.ts'
import type { SyncMode } from '../../../domain/migration/sync-mode.ts'

export type ProviderReturn =
  | 'returned'
  | 'invalid-oauth-state'
  | 'invalid-id-token'
  | 'provider-failed'
  | 'provider-timeout'

/** What use cases and limits report about themselves; docs/metrics.md has the names that operators see. */
export type Measurements = {
  signIn(result: 'ok' | 'refused' | 'limited'): void
  registration(result: 'ok' | 'refused' | 'limited'): void
  refresh(result: 'rotated' | 'repeated' | 'reused' | 'refused' | 'limited'): void
  /** A browser came back from a provider; `unknown` for one that is not configured. */
  providerReturn(provider: string, outcome: ProviderReturn): void
  codeExchange(result: 'signed-in' | 'linked' | 'refused' | 'limited'): void
  limited(budget: BudgetName): void
  /** Whether all instances count against the same budgets, or each by itself against half of them. */
  limitsShared(areShared: boolean): void
  /** Seconds from commit to acknowledgement. */
  delivered(channel: Channel, latencySeconds: number): void
  deliveryFailed(channel: Channel, kind: string): void
  /** The outcome of a try came after the shard had gone to another owner, and was not recorded. */
  fenced(channel: Channel): void
  /** Shards that this instance holds now, and how many of them are new. */
  leases(held: number, gained: number): void
  /** The mode as it was last seen. */
  syncMode(mode: SyncMode & { readonly armed: boolean }): void
  /** How many checks in a row the leg that Backend follows has failed, and whether nothing better is to be had. */
  guard(breaches: number, isStuck: boolean): void
}
