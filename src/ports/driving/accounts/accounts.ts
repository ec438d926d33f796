import type { User } from '../../../domain/accounts/user.ts'
import type { Client } from '../../../domain/sessions/session.ts'
import type { Result } from '../../../domain/shared/result.ts'
import type { TooManyAttempts } from '../limits/too-many-attempts.ts'
import type { WeakPassword } from '../passwords/passwords.ts'
import type { SessionEnded, SignedIn, UserContext } from '../sessions/sessions.ts'
import type { FieldProblem, InvalidFields } from '../shared/invalid-fields.ts'

export type Registration = {
  readonly email: string
  readonly username: string
  readonly password: string
  readonly displayName: string | null
  /** The client's Idempotency-Key header; null when the client sent none. */
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

/** Creates an account, signs its owner in and announces `created`. */
export type RegisterUser = (
  registration: Registration,
  client: Client,
) => Promise<Result<SignedIn, RegisterRefusal>>

/**
 * What is wrong with the given fields of a registration; empty when nothing is. Costs no attempt and says nothing about who
 * exists. It is for a body that is refused anyhow, so that its sender learns everything at once.
 */
export type CheckRegistration = (
  fields: Partial<Omit<Registration, 'idempotencyKey'>>,
) => readonly FieldProblem[]

/** The caller's account as it is stored now; null when the account was deleted a moment ago. */
export type ReadProfile = (caller: UserContext) => Promise<User | null>

/** The fields to change. An absent field stays as it is; null clears the field. */
export type ProfilePatch = {
  readonly username?: string
  readonly displayName?: string | null
  readonly avatar?: string | null
}

/** The versions that the caller accepts; null accepts any version (`*`, or no If-Match header). */
export type ExpectedVersions = readonly number[] | null

export type UpdateProfileRefusal =
  | InvalidFields
  | TooManyAttempts
  | { readonly kind: 'username-taken' }
  | { readonly kind: 'version-mismatch' }
  | { readonly kind: 'not-found' }

/** Changes the given fields and announces `updated`. A patch that changes nothing announces nothing. */
export type UpdateProfile = (
  caller: UserContext,
  patch: ProfilePatch,
  expected: ExpectedVersions,
) => Promise<Result<User, UpdateProfileRefusal>>

/** The same as `CheckRegistration`, for a change of the profile. */
export type CheckProfile = (patch: ProfilePatch) => readonly FieldProblem[]

export type DeleteAccountRefusal =
  | SessionEnded
  | { readonly kind: 'recent-login-required' }
  | { readonly kind: 'last-admin' }
  | { readonly kind: 'version-mismatch' }
  | { readonly kind: 'not-found' }

/** Deletes the caller's account with its sessions and announces `deleted`. The sign-in must be recent (at most 300 s old). */
export type DeleteAccount = (
  caller: UserContext,
  expected: ExpectedVersions,
) => Promise<Result<null, DeleteAccountRefusal>>
