import { createHmac } from 'node:crypto'
import type { RateLimiterLike } from 'rate-limiter-flexible'
import type { Budget, BudgetName, Budgets } from '../../domain/limits/limits.ts'
import { BUDGETS_WITH_GROWING_BLOCKS } from '../../domain/limits/limits.ts'
import type { Limiter, LimitKey } from '../../ports/driven/limits/limiter.ts'
import { makeGrowingCounter } from './growing-counter.ts'
import type { Counter } from './window-counter.ts'
import { makeWindowCounter } from './window-counter.ts'

/** Opens the counts of one budget in a store. The name keeps them apart from the counts of other budgets. */
export type OpenBudget = (name: string, budget: Budget) => RateLimiterLike

export type LimiterNeeds = {
  readonly budgets: Budgets
  /** The store sees only HMACs of the keys, made with this secret. */
  readonly macKey: Uint8Array
  readonly open: OpenBudget
  /** Called for each budget that refused an attempt. */
  readonly onRefused?: (budget: BudgetName) => void
}

/** All budgets, counted in any store of rate-limiter-flexible. */
export const makeLimiter = ({ budgets, macKey, open, onRefused }: LimiterNeeds): Limiter => {
  const counterOf = (name: BudgetName): Counter =>
    BUDGETS_WITH_GROWING_BLOCKS.includes(name)
      ? makeGrowingCounter(name, budgets[name], open)
      : makeWindowCounter(open(name, budgets[name]))
  const counters = {
    'sign-in-account-prefix': counterOf('sign-in-account-prefix'),
    'sign-in-account': counterOf('sign-in-account'),
    'sign-in-prefix': counterOf('sign-in-prefix'),
    'sign-in-success': counterOf('sign-in-success'),
    register: counterOf('register'),
    confirm: counterOf('confirm'),
    'oauth-start': counterOf('oauth-start'),
    'code-exchange': counterOf('code-exchange'),
    refresh: counterOf('refresh'),
  } satisfies Record<BudgetName, Counter>

  const nameOf = ({ budget, key }: LimitKey): string =>
    createHmac('sha256', macKey).update(`${budget}\0${key}`).digest('base64url')
  const give = (key: LimitKey): Promise<void> => counters[key.budget].giveBack(nameOf(key))

  return {
    take: async (keys) => {
      const waits = await Promise.all(keys.map((key) => counters[key.budget].take(nameOf(key))))
      const longest = Math.max(0, ...waits)
      if (longest === 0) return { allowed: true }
      for (const [index, { budget }] of keys.entries()) if (waits[index] !== 0) onRefused?.(budget)
      await Promise.all(keys.filter((_, index) => waits[index] === 0).map(give))
      return { allowed: false, retryAfterSeconds: Math.ceil(longest / 1000) }
    },
    giveBack: async (keys) => {
      await Promise.all(keys.map(give))
    },
  }
}

/** No limits at all: for tests and development machines, never for production. */
export const makeUnlimitedLimiter = (): Limiter => ({
  take: () => Promise.resolve({ allowed: true }),
  giveBack: () => Promise.resolve(),
})
