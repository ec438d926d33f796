import type { MacKey } from '../adapters/crypto/macs.ts'
import { deriveKey } from '../adapters/crypto/macs.ts'
import type { OpenBudget } from '../adapters/limits/limiter.ts'
import { makeLimiter, makeUnlimitedLimiter } from '../adapters/limits/limiter.ts'
import type { BudgetName, Budgets } from '../domain/limits/limits.ts'
import type { Limiter } from '../ports/driven/limits/limiter.ts'

/** The limits on guessing; none at all where the configuration switched them off. */
export const openLimiter = (
  budgets: Budgets | null,
  [first]: readonly MacKey[],
  open: OpenBudget,
  onRefused: (budget: BudgetName) => void,
): Limiter => {
  if (budgets === null) return makeUnlimitedLimiter()
  if (first === undefined) throw new Error('limits need a key for the names they count by')
  return makeLimiter({
    budgets,
    macKey: deriveKey(first.secret, 'limits'),
    open,
    onRefused,
  })
}
