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
  profile: { points: 60, seconds: 60 },
  username: { points: 10, seconds: 3600 },
  'oauth-start': { points: 30, seconds: 60 },
  'code-exchange': { points: 20, seconds: 60 },
  refresh: { points: 30, seconds: 60 },
} as const satisfies Record<string, Budget>

export type BudgetName = keyof typeof DEFAULT_BUDGETS
export type Budgets = Readonly<Record<BudgetName, Budget>>

/** Many clients share the network of a site (IPv6 /48), so it has so many times the points of one client address. */
const SITE_FACTOR = 5

/**
 * The count of all identifiers of an account begins a moment after the count of the submitted one. Its window is shorter
 * by this, so that it has ended when the wait is over that the client was told.
 */
const ACCOUNT_LEAD_SECONDS = 2

/** The budget that all clients of one site share. */
export const siteBudget = ({ points, seconds }: Budget): Budget => ({
  points: points * SITE_FACTOR,
  seconds,
})

/** The budget that all identifiers of one account share. */
export const accountBudget = ({ points, seconds }: Budget): Budget => ({
  points,
  seconds: Math.max(1, seconds - ACCOUNT_LEAD_SECONDS),
})

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
/** The failures of an account halve once in this time, whatever is tried meanwhile. */
export const FAILURES_HALVE_HOURS = 24
/** An address counts as known to an account for this long after a successful sign-in from it. */
export const KNOWN_PREFIX_DAYS = 30
