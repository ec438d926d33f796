import type { Result } from '../../domain/shared/result.ts'
import { fail } from '../../domain/shared/result.ts'
import type { HashChanged } from '../shared/lock-caller.ts'

type WrongPassword = { readonly kind: 'wrong-password' }

/**
 * A sign-in may renew the stored hash during a verification, and another request may replace the password. Then the new
 * hash is verified. More than this many changes in a row are refused like a wrong password.
 */
const VERIFICATIONS = 3

/**
 * Verifies the password, and then writes something with that proof. `write` compares the verified hash with the stored
 * one under a lock, and answers `hash-changed` when they differ. Then the password is verified again.
 */
export const withVerifiedHash = async <T, R extends { readonly kind: string }, W>(
  verify: () => Promise<Result<string | null, R>>,
  write: (verifiedHash: string | null) => Promise<Result<T, W | HashChanged>>,
): Promise<Result<T, R | W | WrongPassword>> => {
  for (let verification = 1; verification <= VERIFICATIONS; verification += 1) {
    const verified = await verify()
    if (!verified.ok) return verified
    const written = await write(verified.value)
    if (written.ok) return written
    if (!isHashChanged(written.refusal)) return fail(written.refusal)
  }
  return fail({ kind: 'wrong-password' })
}

const isHashChanged = <W>(refusal: W | HashChanged): refusal is HashChanged =>
  (refusal as HashChanged).kind === 'hash-changed'
