import { createHmac } from 'node:crypto'
import type { RateLimiterLike } from 'rate-limiter-flexible'
import type { Budget, BudgetName, Budgets } from '../../domain/limits/limits.ts'
import {
  accountBudget,
  BUDGETS_WITH_GROWING_BLOCKS,
  siteBudget,
} from '../../domain/limits/limits.ts'
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
  const counterOf = (name: BudgetName, suffix: string, sizeOf: (budget: Budget) => Budget) => {
    const budget = sizeOf(budgets[name])
    return BUDGETS_WITH_GROWING_BLOCKS.includes(name)
      ? makeGrowingCounter(`${name}${suffix}`, budget, open)
      : makeWindowCounter(open(`${name}${suffix}`, budget))
  }
  const counters = {
    one: countersOf((name) => counterOf(name, '', (budget) => budget)),
    site: countersOf((name) => counterOf(name, '-of-site', siteBudget)),
    account: countersOf((name) => counterOf(name, '-of-account', accountBudget)),
  }

  const counterFor = ({ budget, of }: LimitKey): Counter => counters[of ?? 'one'][budget]
  const nameOf = ({ budget, key }: LimitKey): string =>
    createHmac('sha256', macKey).update(`${budget}\0${key}`).digest('base64url')
  const give = (key: LimitKey): Promise<void> => counterFor(key).giveBack(nameOf(key))

  return {
    take: async (keys) => {
      const waits = await Promise.all(keys.map((key) => counterFor(key).take(nameOf(key))))
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

const countersOf = (
  open: (name: BudgetName) => Counter,
): Readonly<Record<BudgetName, Counter>> => ({
  'sign-in-account-prefix': open('sign-in-account-prefix'),
  'sign-in-account': open('sign-in-account'),
  'sign-in-prefix': open('sign-in-prefix'),
  'sign-in-success': open('sign-in-success'),
  register: open('register'),
  confirm: open('confirm'),
  profile: open('profile'),
  username: open('username'),
  'oauth-start': open('oauth-start'),
  'code-exchange': open('code-exchange'),
  refresh: open('refresh'),
})

/** No limits at all: for tests and development machines, never for production. */
export const makeUnlimitedLimiter = (): Limiter => ({
  take: () => Promise.resolve({ allowed: true }),
  giveBack: () => Promise.resolve(),
})
