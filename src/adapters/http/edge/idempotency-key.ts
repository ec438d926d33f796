import type { Result } from '../../../domain/shared/result.ts'
import { fail, ok } from '../../../domain/shared/result.ts'
import { fieldError, invalidRequest } from '../problems/invalid-fields.ts'
import type { Problem } from '../problems/problems.ts'

const PRINTABLE = /^[\x20-\x7e]{1,255}$/

/** The client's Idempotency-Key; null when it sent none. */
export const idempotencyKey = (request: Request): Result<string | null, Problem> => {
  const key = request.headers.get('idempotency-key')
  return key === null || PRINTABLE.test(key)
    ? ok(key)
    : fail(invalidRequest(fieldError('Idempotency-Key', 'not-printable')))
}
