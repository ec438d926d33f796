import type { User } from '../../../domain/accounts/user.ts'
import type { PasswordWeakness } from '../../../domain/passwords/password.ts'
import type { Client } from '../../../domain/sessions/session.ts'
import type { Result } from '../../../domain/shared/result.ts'
import type { TooManyAttempts } from '../limits/too-many-attempts.ts'
import type { SignedIn } from '../sessions/sessions.ts'
import type { UserContext } from '../sessions/user-context.ts'

/** One field that does not hold what it should; `code` is contract, the wording is not. */
export type FieldProblem = {
  readonly field: 'email' | 'username' | 'displayName' | 'avatar' | 'password' | 'newPassword'
  readonly code: string
}

export type InvalidFields = {
  readonly kind: 'invalid-request'
  readonly problems: readonly FieldProblem[]
}
export type WeakPassword = {
  readonly kind: 'weak-password'
  readonly field: 'password' | 'newPassword'
  readonly weakness: PasswordWeakness
}
export type { TooManyAttempts }

export type Registration = {
  readonly email: string
  readonly username: string
  readonly password: string
  readonly displayName: string | null
  /** The client's Idempotency-Key; null when it sent none. */
  readonly idempotencyKey: string | null
}

export type RegisterRefusal =
  | InvalidFields
  | WeakPassword
  | TooManyAttempts
  | { readonly kind: 'email-taken' }
  | { readonly kind: 'username-taken' }
  | { readonly kind: 'idempotency-key-reused' }
  | { readonly kind: 'request-in-progress'; readonly retryAfterSeconds: number }

/** Makes an account, signs its owner in and announces `created`. */
export type RegisterUser = (
  registration: Registration,
  client: Client,
) => Promise<Result<SignedIn, RegisterRefusal>>

/** The signed-in user as stored now; null when the account was deleted a moment ago. */
export type ReadProfile = (caller: UserContext) => Promise<User | null>

export type ProfilePatch = {
  readonly username?: string
  readonly displayName?: string | null
  readonly avatar?: string | null
}

/** Versions that the caller accepts; null accepts any (`*`, or no If-Match). */
export type ExpectedVersions = readonly number[] | null

export type UpdateProfileRefusal =
  | InvalidFields
  | { readonly kind: 'username-taken' }
  | { readonly kind: 'version-mismatch' }
  | { readonly kind: 'not-found' }

/** Changes the given fields and announces `updated`; a patch that changes nothing announces nothing. */
export type UpdateProfile = (
  caller: UserContext,
  patch: ProfilePatch,
  expected: ExpectedVersions,
) => Promise<Result<User, UpdateProfileRefusal>>

export type DeleteAccountRefusal =
  | { readonly kind: 'recent-login-required' }
  | { readonly kind: 'last-admin' }
  | { readonly kind: 'version-mismatch' }
  | { readonly kind: 'not-found' }

/** Removes the caller's account with its sessions and announces `deleted`. */
export type DeleteAccount = (
  caller: UserContext,
  expected: ExpectedVersions,
) => Promise<Result<null, DeleteAccountRefusal>>

export type ChangePasswordRefusal =
  | WeakPassword
  | InvalidFields
  | TooManyAttempts
  | { readonly kind: 'wrong-password' }
  | { readonly kind: 'recent-login-required' }

/**
 * Replaces the password and ends the caller's other sessions. `currentPassword` may be null only while the
 * account has none, and then the sign-in must be recent.
 */
export type ChangePassword = (
  caller: UserContext,
  passwords: { readonly currentPassword: string | null; readonly newPassword: string },
  client: Client,
) => Promise<Result<null, ChangePasswordRefusal>>

/** Makes an administrator: the owner's way in, never a route. A second run with the same names changes nothing. */
export type CreateAdmin = (admin: {
  readonly email: string
  readonly username: string
  readonly password: string
}) => Promise<
  Result<
    { readonly user: User; readonly created: boolean },
    | InvalidFields
    | WeakPassword
    | { readonly kind: 'email-taken' }
    | { readonly kind: 'username-taken' }
  >
>
