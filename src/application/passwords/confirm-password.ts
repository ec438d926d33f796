import { parsePassword } from '../../domain/passwords/password.ts'
import type { Client } from '../../domain/sessions/session.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { Limiter } from '../../ports/driven/limits/limiter.ts'
import type { Passwords } from '../../ports/driven/passwords/passwords.ts'
import type { TooManyAttempts } from '../../ports/driving/accounts/accounts.ts'
import type { UserContext } from '../../ports/driving/sessions/user-context.ts'
import { confirmation } from '../limits/attempt-limits.ts'
import { takeAttempt } from '../limits/take-attempt.ts'

type Needs = { readonly limiter: Limiter; readonly passwords: Passwords }

export type ConfirmPassword = (
  caller: UserContext,
  password: string,
  hash: string | null,
  client: Client,
) => Promise<Result<null, { readonly kind: 'wrong-password' } | TooManyAttempts>>

/** Checks that somebody with a session also knows the password; wrong answers are counted like sign-ins [BF7]. */
export const makeConfirmPassword =
  ({ limiter, passwords }: Needs): ConfirmPassword =>
  async (caller, text, hash, client) => {
    const attempt = confirmation(caller.id, client.addressPrefix)
    const taken = await takeAttempt(limiter, attempt)
    if (!taken.ok) return taken
    const password = parsePassword(text)
    const matches = password !== null && (await passwords.matches(password, hash)).matches
    if (!matches) return fail({ kind: 'wrong-password' })
    await limiter.giveBack(attempt)
    return ok(null)
  }
