import type { Result } from '../../domain/shared/result.ts'
import { fail } from '../../domain/shared/result.ts'
import type {
  IdempotencyClaim,
  IdempotencyKeys,
  IdempotentRequest,
} from '../../ports/driven/accounts/idempotency-keys.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'

type Completed = Extract<IdempotencyClaim, { kind: 'completed' }>
type InProgress = { readonly kind: 'request-in-progress'; readonly retryAfterSeconds: number }

/**
 * Runs `first` for the first request with this key, `again` for one that was completed, and neither while the first
 * is still running. The key is given back when `first` did not succeed, so that a corrected request may use it.
 */
export const makeClaimOnce =
  (keys: IdempotencyKeys, clock: Clock) =>
  async <T, R>(
    request: IdempotentRequest,
    first: (request: IdempotentRequest) => Promise<Result<T, R>>,
    again: (completed: Completed) => Promise<Result<T, R>>,
  ): Promise<Result<T, R | InProgress>> => {
    const claim = await keys.claim(request, clock())
    if (claim.kind === 'running') return fail({ kind: 'request-in-progress', retryAfterSeconds: 1 })
    if (claim.kind === 'completed') return again(claim)
    let succeeded = false
    try {
      const outcome = await first(request)
      succeeded = outcome.ok
      return outcome
    } finally {
      if (!succeeded) await keys.release(request)
    }
  }
