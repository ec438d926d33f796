import type { BudgetName } from '../../../domain/limits/limits.ts'

export type LimitKey = { readonly budget: BudgetName; readonly key: string }

export type Taken =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly retryAfterSeconds: number }

/**
 * Counts attempts against the configured budgets. Keys are stored as HMACs only. A jump of the wall clock
 * neither opens nor freezes a budget.
 */
export type Limiter = {
  /** Takes one point from each budget, or none of them when one is spent. Seconds are whole and at least 1. */
  take(keys: readonly LimitKey[]): Promise<Taken>
  /** Gives the points of one earlier `take` back: the attempt turned out honest. */
  giveBack(keys: readonly LimitKey[]): Promise<void>
}
