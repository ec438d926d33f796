import type { Budget, BudgetName } from '../../domain/limits/limits.ts'
import { DEFAULT_BUDGETS } from '../../domain/limits/limits.ts'
import { budget } from './parsers.ts'
import type { Setting } from './setting.ts'
import { plain } from './setting.ts'

const limit = (name: BudgetName, meaning: string): Setting<Budget> => {
  const { points, seconds } = DEFAULT_BUDGETS[name]
  const variable = `RATE_LIMIT_${name.toUpperCase().replaceAll('-', '_')}`
  return plain(variable, budget, `${points}/${seconds}`, meaning)
}

/** One variable for each budget. */
export const LIMITS = {
  'sign-in-account-prefix': limit(
    'sign-in-account-prefix',
    'as points/seconds: failed sign-ins on one account from one address',
  ),
  'sign-in-account': limit('sign-in-account', 'on one account'),
  'sign-in-prefix': limit('sign-in-prefix', 'from one address'),
  register: limit('register', 'registrations from one address'),
  'oauth-start': limit('oauth-start', 'sign-ins begun at a provider from one address'),
  'code-exchange': limit('code-exchange', 'code exchanges from one address'),
  refresh: limit('refresh', 'refreshes of one session'),
} as const satisfies Record<BudgetName, Setting<Budget>>
