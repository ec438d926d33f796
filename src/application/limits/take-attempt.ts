import type { BudgetName } from '../../domain/limits/limits.ts'
import type { AddressPrefix } from '../../domain/shared/address-prefix.ts'
import { siteOf } from '../../domain/shared/address-prefix.ts'
import type { SessionId, UserId } from '../../domain/shared/ids.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { Limiter, LimitKey } from '../../ports/driven/limits/limiter.ts'
import type { TooManyAttempts } from '../../ports/driving/limits/too-many-attempts.ts'

/** Takes an attempt from all these budgets before the work that they protect. Refuses when one of them is used up. */
export const takeAttempt = async (
  limiter: Limiter,
  budgets: readonly LimitKey[],
): Promise<Result<null, TooManyAttempts>> => {
  const taken = await limiter.take(budgets)
  return taken.allowed
    ? ok(null)
    : fail({ kind: 'too-many-attempts', retryAfterSeconds: taken.retryAfterSeconds })
}

/**
 * What a request wants to do. Each purpose has keys of its own, also where two purposes share a budget's size. So no
 * text that a client sends for one purpose can be the key of another [BF10].
 */
type Purpose =
  | 'sign-in'
  | 'confirmation'
  | 'registration'
  | 'profile'
  | 'authorization'
  | 'code'
  | 'refresh'

const keyOf = (budget: BudgetName, purpose: Purpose, ...parts: readonly string[]): LimitKey => ({
  budget,
  key: JSON.stringify([purpose, ...parts]),
})

/** The keys of a client address, and of the IPv6 /48 that it belongs to. */
const keysOfPrefix = (
  budget: BudgetName,
  purpose: Purpose,
  prefix: AddressPrefix,
  ...parts: readonly string[]
): LimitKey[] => {
  const site = siteOf(prefix)
  const own = keyOf(budget, purpose, ...parts, prefix)
  return site === prefix
    ? [own]
    : [own, { ...keyOf(budget, purpose, 'site', ...parts, site), of: 'site' }]
}

/**
 * The budgets of sign-ins with a password from one client address: for all accounts, and for one. The submitted
 * identifier counts, whether an account has it or not [EN3]. These budgets decide before the request takes a place in
 * the hash queue [PW13].
 */
export const signInPrefixBudgets = (prefix: AddressPrefix): LimitKey[] =>
  keysOfPrefix('sign-in-prefix', 'sign-in', prefix)
export const signInPairBudgets = (identifier: string, prefix: AddressPrefix): LimitKey[] => [
  keyOf('sign-in-account-prefix', 'sign-in', identifier, prefix),
]

/**
 * The budget of sign-ins with a password to one account from all addresses. A client address that signed in to the
 * account in the last 30 days does not use it, so that a stranger cannot lock the owner out.
 */
export const signInAccountBudgets = (identifier: string, knownPrefix: boolean): LimitKey[] =>
  knownPrefix ? [] : [keyOf('sign-in-account', 'sign-in', identifier)]

/**
 * The same budgets once more, for all identifiers of an account together. When one is used up, the sign-in is refused
 * like a wrong password: a wait would tell everybody that two identifiers belong to one account [EN3]. An unknown
 * identifier is an account of its own, so that it takes as long.
 */
export const wholeAccountBudgets = (
  user: UserId | null,
  identifier: string,
  prefix: AddressPrefix,
  knownPrefix: boolean,
): LimitKey[] => {
  const account = user === null ? ['nobody', identifier] : ['account', user]
  const keys = [
    keyOf('sign-in-account-prefix', 'sign-in', ...account, prefix),
    ...(knownPrefix ? [] : [keyOf('sign-in-account', 'sign-in', ...account)]),
  ]
  return keys.map((key) => ({ ...key, of: 'account' }))
}

/**
 * The budgets of right passwords, which cost a hash and a session as wrong ones do. The first one is taken before the
 * hash and given back when the password was wrong. The second one counts all identifiers of an account together. It is
 * taken when the password was right, so that its refusal tells nobody else which identifiers belong together.
 */
export const signInSuccessBudgets = (identifier: string, prefix: AddressPrefix): LimitKey[] =>
  keysOfPrefix('sign-in-success', 'sign-in', prefix, 'identifier', identifier)
export const accountSuccessBudgets = (user: UserId, prefix: AddressPrefix): LimitKey[] =>
  keysOfPrefix('sign-in-success', 'sign-in', prefix, 'account', user)

/** The budget of password confirmations. Only a client with an access token of this session can use it up. */
export const confirmationBudgets = (session: SessionId): LimitKey[] => [
  keyOf('confirm', 'confirmation', session),
]

/** The budget of right passwords among them. */
export const confirmationSuccessBudgets = (session: SessionId): LimitKey[] => [
  keyOf('sign-in-success', 'confirmation', session),
]

/** The budget of registrations. */
export const registrationBudgets = (prefix: AddressPrefix): LimitKey[] =>
  keysOfPrefix('register', 'registration', prefix)

/** The budget of changes of a profile, taken names included. */
export const profileBudgets = (user: UserId): LimitKey[] => [keyOf('profile', 'profile', user)]

/** The budget of changes of the username, which also tell whether a name is taken. */
export const usernameBudgets = (user: UserId): LimitKey[] => [keyOf('username', 'profile', user)]

/** The budget of starting an authorization at a provider: its state takes memory for ten minutes, whoever asks. */
export const authorizationBudgets = (prefix: AddressPrefix): LimitKey[] =>
  keysOfPrefix('oauth-start', 'authorization', prefix)

/** The budget of exchanging one-time codes. */
export const codeExchangeBudgets = (prefix: AddressPrefix): LimitKey[] =>
  keysOfPrefix('code-exchange', 'code', prefix)

/** The budget of rotating the refresh token of a session. */
export const refreshBudgets = (session: SessionId): LimitKey[] => [
  keyOf('refresh', 'refresh', session),
]

/** The budget of refresh tokens that this service did not make. It has the size of the budget of wrong passwords. */
export const forgedRefreshBudgets = (prefix: AddressPrefix): LimitKey[] =>
  keysOfPrefix('sign-in-prefix', 'refresh', prefix)
