import type { User } from '../../../domain/accounts/user.ts'
import type { Client, Session } from '../../../domain/sessions/session.ts'
import type { AddressPrefix } from '../../../domain/shared/address-prefix.ts'
import type { Result } from '../../../domain/shared/result.ts'
import type { TooManyAttempts } from '../limits/too-many-attempts.ts'
import type { UserContext } from './user-context.ts'

export type Tokens = {
  readonly accessToken: string
  readonly expiresInSeconds: number
  readonly refreshToken: string
  readonly refreshExpiresInSeconds: number
}

export type SignedIn = { readonly user: User; readonly tokens: Tokens }

export type SignInRefusal = { readonly kind: 'bad-credentials' } | TooManyAttempts

/** One refusal for unknown, wrong, inactive and without a password: nobody learns who has an account. */
export type SignIn = (
  identifier: string,
  password: string,
  client: Client,
) => Promise<Result<SignedIn, SignInRefusal>>

export type RefreshRefusal = { readonly kind: 'invalid-refresh-token' } | TooManyAttempts

/**
 * Exchanges the present refresh token for the next. The token before it gets the same answer for 10 s, since a
 * reply may be lost; later that is reuse, and ends the session.
 */
export type RefreshSession = (
  refreshToken: string,
  addressPrefix: AddressPrefix,
) => Promise<Result<Tokens, RefreshRefusal>>

/** Ends the session of the refresh token, else of the caller. Spent, expired and unknown tokens are no error. */
export type SignOut = (refreshToken: string | null, caller: UserContext | null) => Promise<void>

/** Ends every session of the caller, this one included. */
export type SignOutEverywhere = (caller: UserContext) => Promise<void>

/** The caller proves again who they are: the session counts as recent for 5 minutes. */
export type Reauthenticate = (
  caller: UserContext,
  password: string,
  client: Client,
) => Promise<Result<null, { readonly kind: 'wrong-password' } | TooManyAttempts>>

/** The caller's living sessions, newest first. */
export type ListSessions = (caller: UserContext) => Promise<Session[]>

/** Ends one of the caller's sessions; a stranger's is as unknown as none. */
export type EndSession = (
  caller: UserContext,
  sessionId: string,
) => Promise<Result<null, { readonly kind: 'not-found' }>>
