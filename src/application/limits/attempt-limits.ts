import type { AddressPrefix } from '../../domain/shared/address-prefix.ts'
import type { UserId } from '../../domain/shared/ids.ts'
import type { LimitKey } from '../../ports/driven/limits/limiter.ts'

/**
 * What one password attempt draws on. It counts what was submitted, known or not [EN3]. An address that has signed
 * in to the account lately is spared the account's shared budget, so that a stranger cannot lock the owner out.
 */
export const signInAttempt = (
  identifier: string,
  prefix: AddressPrefix,
  knownPrefix: boolean,
): LimitKey[] => [
  { budget: 'sign-in-account-prefix', key: JSON.stringify([identifier, prefix]) },
  ...(knownPrefix ? [] : [{ budget: 'sign-in-account', key: identifier } as const]),
  ...guess(prefix),
]

/** A signed-in user proves the password again: nobody without the session can use this budget up. */
export const confirmation = (user: UserId, prefix: AddressPrefix): LimitKey[] =>
  signInAttempt(`user:${user}`, prefix, false)

/** A sign-in or a link that is begun: what is remembered of it takes room for ten minutes, whoever asks. */
export const beginning = (prefix: AddressPrefix): LimitKey[] => [
  { budget: 'oauth-start', key: prefix },
]

/** Anything else that could be a guess at a secret. */
export const guess = (prefix: AddressPrefix): LimitKey[] => [
  { budget: 'sign-in-prefix', key: prefix },
]
