/** How many attempts a key may make within a window that begins with the first of them. */
export type Budget = { readonly points: number; readonly seconds: number }

/** Every budget by the name that its setting and its metrics use. */
export const DEFAULT_BUDGETS = {
  'sign-in-account-prefix': { points: 5, seconds: 900 },
  'sign-in-account': { points: 10, seconds: 900 },
  'sign-in-prefix': { points: 50, seconds: 900 },
  register: { points: 5, seconds: 3600 },
  'oauth-start': { points: 30, seconds: 60 },
  'code-exchange': { points: 20, seconds: 60 },
  refresh: { points: 30, seconds: 60 },
} as const satisfies Record<string, Budget>

export type BudgetName = keyof typeof DEFAULT_BUDGETS
export type Budgets = Readonly<Record<BudgetName, Budget>>

/**
 * Budgets that do not simply refuse until their window ends: past the budget single attempts pass,
 * one after each block, and the blocks grow.
 */
export const BUDGETS_WITH_GROWING_BLOCKS: readonly BudgetName[] = ['sign-in-account']

const BLOCK_MINUTES = [1, 2, 4, 8, 15] as const

/** How long the next block is after `blocks` earlier ones: 1, 2, 4, 8, then always 15 minutes. */
export const blockSeconds = (blocks: number): number =>
  (BLOCK_MINUTES[Math.min(blocks, BLOCK_MINUTES.length - 1)] ?? 15) * 60

/** So many failures in a row, and only addresses that have signed in before may try again. */
export const CONSECUTIVE_FAILURES_CAP = 100
/** How long an address counts as known to an account after a sign-in from it. */
export const KNOWN_PREFIX_DAYS = 30
