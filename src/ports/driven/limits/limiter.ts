import type { BudgetName } from '../../../domain/limits/limits.ts'

export type LimitKey = {
  readonly budget: BudgetName
  readonly key: string
  /** Whose attempts the key counts, when they are those of a whole site or account: see `siteBudget`, `accountBudget`. */
  readonly of?: 'site' | 'account'
}

export type Taken =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly retryAfterSeconds: number }

/**
 * Counts attempts against the configured budgets. The store sees only HMACs of the keys. A change of the wall clock
 * neither opens nor freezes a budget.
 */
export type Limiter = {
  /** Takes one point from each budget, or from none when one of them is used up. The seconds are whole and at least 1. */
  take(keys: readonly LimitKey[]): Promise<Taken>
  /** Gives back the points of one earlier `take`, for an attempt that succeeded. */
  giveBack(keys: readonly LimitKey[]): Promise<void>
}
