import type { AddressPrefix } from '../../domain/shared/address-prefix.ts'
import type { UserId } from '../../domain/shared/ids.ts'
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
 * The budgets of one sign-in with a password. The submitted identifier counts, whether an account has it or not [EN3].
 * A client address that signed in to the account in the last 30 days does not use the account's shared budget, so that
 * a stranger cannot lock the owner out.
 */
export const signInBudgets = (
  identifier: string,
  prefix: AddressPrefix,
  knownPrefix: boolean,
): LimitKey[] => [
  { budget: 'sign-in-account-prefix', key: JSON.stringify([identifier, prefix]) },
  ...(knownPrefix ? [] : [{ budget: 'sign-in-account', key: identifier } as const]),
  ...guessBudgets(prefix),
]

/** The budgets of a password confirmation. Only a client with a session of the user can use them up. */
export const confirmationBudgets = (user: UserId, prefix: AddressPrefix): LimitKey[] =>
  signInBudgets(`user:${user}`, prefix, false)

/** The budgets of starting an authorization at a provider: its state takes memory for ten minutes, whoever asks. */
export const authorizationBudgets = (prefix: AddressPrefix): LimitKey[] => [
  { budget: 'oauth-start', key: prefix },
]

/** The budgets of any other request that could be a guess at a secret. */
export const guessBudgets = (prefix: AddressPrefix): LimitKey[] => [
  { budget: 'sign-in-prefix', key: prefix },
]
