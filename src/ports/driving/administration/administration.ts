import type { User } from '../../../domain/accounts/user.ts'
import type { Result } from '../../../domain/shared/result.ts'
import type { WeakPassword } from '../passwords/passwords.ts'
import type { InvalidFields } from '../shared/invalid-fields.ts'

export type CreateAdminRefusal =
  | InvalidFields
  | WeakPassword
  | { readonly kind: 'email-taken' }
  | { readonly kind: 'username-taken' }

/**
 * Creates an administrator. Only the owner can do this, at the command line; there is no route for it. A second run
 * with the same address and username changes nothing and answers the account that exists.
 */
export type CreateAdmin = (admin: {
  readonly email: string
  readonly username: string
  readonly password: string
}) => Promise<Result<{ readonly user: User; readonly created: boolean }, CreateAdminRefusal>>

/**
 * Clears the failed sign-ins of an account, which after 100 in a row accepts known addresses only. Only the owner can do
 * this, at the command line. The account is named by its id, its email address or its username.
 */
export type UnlockUser = (account: string) => Promise<Result<User, { readonly kind: 'not-found' }>>
