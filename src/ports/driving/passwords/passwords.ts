import type { PasswordWeakness } from '../../../domain/passwords/password.ts'
import type { Client } from '../../../domain/sessions/session.ts'
import type { Result } from '../../../domain/shared/result.ts'
import type { TooManyAttempts } from '../limits/too-many-attempts.ts'
import type { SessionEnded, UserContext } from '../sessions/sessions.ts'
import type { FieldProblem, InvalidFields } from '../shared/invalid-fields.ts'

/** The refusal of a new password that is easy to guess, too short or too long. */
export type WeakPassword = {
  readonly kind: 'weak-password'
  readonly field: 'password' | 'newPassword'
  readonly weakness: PasswordWeakness
  /** In code points: the fewest for `too-short`, the most for `too-long`. The other weaknesses have none. */
  readonly limit?: number
}

export type ChangePasswordRefusal =
  | WeakPassword
  | InvalidFields
  | TooManyAttempts
  | SessionEnded
  | { readonly kind: 'wrong-password' }
  | { readonly kind: 'recent-login-required' }

/**
 * Replaces the caller's password and ends the caller's other sessions. `currentPassword` may be null only while the
 * account has no password, and then the sign-in must be recent (at most 300 s old). Of several changes at the same time
 * one succeeds; the others are refused like a wrong password.
 */
export type ChangePassword = (
  caller: UserContext,
  passwords: { readonly currentPassword: string | null; readonly newPassword: string },
  client: Client,
) => Promise<Result<null, ChangePasswordRefusal>>

/** What is wrong with a new password of the caller; empty when it would be accepted. Costs no attempt and changes nothing. */
export type CheckNewPassword = (
  caller: UserContext,
  newPassword: string,
) => Promise<readonly FieldProblem[]>

/** What this installation asks of a new password. Both lengths are in code points of the text in NFC. */
export type PasswordRules = { readonly minimumLength: number; readonly maximumLength: number }

/** The rules that pages show while somebody chooses a password. */
export type ReadPasswordRules = () => PasswordRules
