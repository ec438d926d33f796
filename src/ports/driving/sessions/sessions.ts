import type { Email } from '../../../domain/accounts/email.ts'
import type { Role } from '../../../domain/accounts/role.ts'
import type { User } from '../../../domain/accounts/user.ts'
import type { Client, Session, SessionPage } from '../../../domain/sessions/session.ts'
import type { AddressPrefix } from '../../../domain/shared/address-prefix.ts'
import type { UserId } from '../../../domain/shared/ids.ts'
import type { Result } from '../../../domain/shared/result.ts'
import type { TooManyAttempts } from '../limits/too-many-attempts.ts'

/** The caller: the stored user of a verified access token. Nothing here comes from the token's claims. */
export type UserContext = {
  readonly id: UserId
  readonly email: Email | null
  readonly role: Role
  readonly session: Session
}

/** Null when this service did not issue the token or it expired, the session ended, or the user was deleted or is inactive. */
export type Authenticate = (accessToken: string) => Promise<UserContext | null>

/** The caller's session ended after the request was let in, or the caller was deleted. Nothing was written. */
export type SessionEnded = { readonly kind: 'session-ended' }

export type Tokens = {
  readonly accessToken: string
  readonly expiresInSeconds: number
  readonly refreshToken: string
  readonly refreshExpiresInSeconds: number
}

export type SignedIn = { readonly user: User; readonly tokens: Tokens }

export type SignInRefusal = { readonly kind: 'bad-credentials' } | TooManyAttempts

/**
 * Signs in with a password. An unknown account, a wrong password, an inactive account and an account without a password
 * get the same refusal, so that nobody learns whether there is an account.
 */
export type SignIn = (
  identifier: string,
  password: string,
  client: Client,
) => Promise<Result<SignedIn, SignInRefusal>>

export type RefreshRefusal = { readonly kind: 'invalid-refresh-token' } | TooManyAttempts

/**
 * Exchanges the current refresh token for the next one. The token before it gets the same answer for 10 s, because the
 * client may have lost the first answer. After that it counts as reuse, and the session ends.
 */
export type RefreshSession = (
  refreshToken: string,
  addressPrefix: AddressPrefix,
) => Promise<Result<Tokens, RefreshRefusal>>

/** Ends the session of the refresh token; without a usable token, the session of the caller. A spent, expired or unknown token is no error. */
export type SignOut = (refreshToken: string | null, caller: UserContext | null) => Promise<void>

/** Ends all sessions of the caller, this one included. */
export type SignOutEverywhere = (caller: UserContext) => Promise<Result<null, SessionEnded>>

/** The caller confirms the password. The session then counts as recently authenticated for 5 minutes. */
export type Reauthenticate = (
  caller: UserContext,
  password: string,
  client: Client,
) => Promise<Result<null, { readonly kind: 'wrong-password' } | TooManyAttempts | SessionEnded>>

/** One page of the caller's live sessions, newest first. */
export type ListSessions = (caller: UserContext, page: SessionPage) => Promise<Session[]>

/** Ends one of the caller's sessions. The session of another user gets the same refusal as one that does not exist. */
export type EndSession = (
  caller: UserContext,
  sessionId: string,
) => Promise<Result<null, { readonly kind: 'not-found' }>>
