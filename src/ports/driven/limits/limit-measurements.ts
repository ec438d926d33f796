import type { BudgetName } from '../../../domain/limits/limits.ts'

/** What the rate limits count; docs/metrics.md has the names that operators see. */
export type LimitMeasurements = {
  /** This budget has refused an attempt. */
  limited(budget: BudgetName): void
  /** Whether all instances count against the same budgets, or each by itself against half of them. */
  limitsShared(areShared: boolean): void
}
