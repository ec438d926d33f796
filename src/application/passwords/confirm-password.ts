import { parsePassword } from '../../domain/passwords/password.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { Limiter } from '../../ports/driven/limits/limiter.ts'
import type { Passwords } from '../../ports/driven/passwords/passwords.ts'
import type { TooManyAttempts } from '../../ports/driving/limits/too-many-attempts.ts'
import type { UserContext } from '../../ports/driving/sessions/sessions.ts'
import { confirmationBudgets, takeAttempt } from '../limits/take-attempt.ts'

type Needs = { readonly limiter: Limiter; readonly passwords: Passwords }

export type ConfirmPassword = (
  caller: UserContext,
  password: string,
  hash: string | null,
) => Promise<Result<null, { readonly kind: 'wrong-password' } | TooManyAttempts>>

/** Checks that a signed-in user knows the password. Wrong passwords use the session's own budget [BF7], which no sign-in uses [BF10]. */
export const makeConfirmPassword =
  ({ limiter, passwords }: Needs): ConfirmPassword =>
  async (caller, text, hash) => {
    const budgets = confirmationBudgets(caller.session.id)
    const attempt = await takeAttempt(limiter, budgets)
    if (!attempt.ok) return attempt
    const password = parsePassword(text)
    const matches = password !== null && (await passwords.matches(password, hash)).matches
    if (!matches) return fail({ kind: 'wrong-password' })
    await limiter.giveBack(budgets)
    return ok(null)
  }
