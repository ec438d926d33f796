/** How many attempts a key has within a window. The window starts with the first attempt. */
export type Budget = { readonly points: number; readonly seconds: number }

/** Every budget, by the name in its setting and its metrics. */
export const DEFAULT_BUDGETS = {
  'sign-in-account-prefix': { points: 5, seconds: 900 },
  'sign-in-account': { points: 10, seconds: 900 },
  'sign-in-prefix': { points: 50, seconds: 900 },
  'sign-in-success': { points: 30, seconds: 60 },
  register: { points: 5, seconds: 3600 },
  confirm: { points: 10, seconds: 900 },
  'oauth-start': { points: 30, seconds: 60 },
  'code-exchange': { points: 20, seconds: 60 },
  refresh: { points: 30, seconds: 60 },
} as const satisfies Record<string, Budget>

export type BudgetName = keyof typeof DEFAULT_BUDGETS
export type Budgets = Readonly<Record<BudgetName, Budget>>

/**
 * Budgets with growing blocks. Other budgets refuse every attempt until the window ends. These let one attempt pass
 * after each block, and each block is longer than the one before.
 */
export const BUDGETS_WITH_GROWING_BLOCKS: readonly BudgetName[] = ['sign-in-account']

const BLOCK_MINUTES = [1, 2, 4, 8, 15] as const

/** The length of the next block after `blocks` earlier ones: 1, 2, 4, 8, then always 15 minutes. */
export const blockSeconds = (blocks: number): number =>
  (BLOCK_MINUTES[Math.min(blocks, BLOCK_MINUTES.length - 1)] ?? 15) * 60

/** After this many failed sign-ins in a row, only known addresses may try again. */
export const CONSECUTIVE_FAILURES_CAP = 100
/** An address counts as known to an account for this long after a successful sign-in from it. */
export const KNOWN_PREFIX_DAYS = 30
