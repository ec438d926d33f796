import type { Password } from '../../domain/passwords/password.ts'
import { parsePassword } from '../../domain/passwords/password.ts'
import type { Client } from '../../domain/sessions/session.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { Limiter, LimitKey } from '../../ports/driven/limits/limiter.ts'
import type { Passwords } from '../../ports/driven/passwords/passwords.ts'
import type { TooManyAttempts } from '../../ports/driving/limits/too-many-attempts.ts'
import type { UserContext } from '../../ports/driving/sessions/sessions.ts'
import {
  confirmationBudgets,
  confirmationSuccessBudgets,
  takeAttempt,
} from '../limits/take-attempt.ts'

type Needs = { readonly limiter: Limiter; readonly passwords: Passwords }

export type ConfirmPassword = (
  caller: UserContext,
  password: string,
  hash: string | null,
  client: Client,
) => Promise<Result<null, { readonly kind: 'wrong-password' } | TooManyAttempts>>

/**
 * Whether a refusal has cost its sender an attempt, or its session. Only such refusals have audit entries. Otherwise one signed-in
 * client could fill the audit trail, from which nothing is removed [BF13].
 */
export const hasCost = ({ kind }: { readonly kind: string }): boolean =>
  kind === 'wrong-password' || kind === 'session-ended'

/** Checks that a signed-in user knows the password. Wrong passwords use the session's own budget [BF7], which no sign-in uses [BF10]. */
export const makeConfirmPassword = ({ limiter, passwords }: Needs): ConfirmPassword => {
  /** An attempt that could not be compared, because the hash queue is full, is given back. */
  const compare = async (
    password: Password,
    hash: string | null,
    { addressPrefix }: Client,
    budgets: LimitKey[],
  ): Promise<boolean> => {
    try {
      return (await passwords.matches(password, hash, addressPrefix)).matches
    } catch (fault) {
      await limiter.giveBack(budgets)
      throw fault
    }
  }
  return async (caller, text, hash, client) => {
    const ofGuesses = confirmationBudgets(caller.session.id)
    const ofSuccesses = confirmationSuccessBudgets(caller.session.id)
    const attempt = await takeAttempt(limiter, [...ofGuesses, ...ofSuccesses])
    if (!attempt.ok) return attempt
    const password = parsePassword(text)
    const matches =
      password !== null && (await compare(password, hash, client, [...ofGuesses, ...ofSuccesses]))
    await limiter.giveBack(matches ? ofGuesses : ofSuccesses)
    return matches ? ok(null) : fail({ kind: 'wrong-password' })
  }
}
