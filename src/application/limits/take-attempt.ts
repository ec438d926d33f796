import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { Limiter, LimitKey } from '../../ports/driven/limits/limiter.ts'
import type { TooManyAttempts } from '../../ports/driving/accounts/accounts.ts'

/** Takes an attempt before the work it protects, as a refusal when there is none left. */
export const takeAttempt = async (
  limiter: Limiter,
  keys: readonly LimitKey[],
): Promise<Result<null, TooManyAttempts>> => {
  const taken = await limiter.take(keys)
  return taken.allowed
    ? ok(null)
    : fail({ kind: 'too-many-attempts', retryAfterSeconds: taken.retryAfterSeconds })
}
