import type { Email } from '../../../domain/accounts/email.ts'
import type { User } from '../../../domain/accounts/user.ts'
import type { ProviderFailure, ProviderId } from '../../../domain/oauth/provider.ts'
import type { ClientRequest } from '../../../domain/oauth/sign-in-grant.ts'
import type { Client } from '../../../domain/sessions/session.ts'
import type { AddressPrefix } from '../../../domain/shared/address-prefix.ts'
import type { Result } from '../../../domain/shared/result.ts'
import type { TooManyAttempts } from '../limits/too-many-attempts.ts'
import type { SessionEnded, SignedIn, UserContext } from '../sessions/sessions.ts'

export type { ClientRequest }

/** The providers that people can sign in through here, without what is needed to reach them. */
export type ListProviders = () => readonly { readonly id: ProviderId; readonly name: string }[]

type UnknownProvider = { readonly kind: 'unknown-provider' }
type InvalidRedirect = { readonly kind: 'invalid-redirect-uri' }
type InvalidState = { readonly kind: 'invalid-oauth-state' }

/** An authorization request that a browser is to be sent to a provider with. */
export type AuthorizationStart = {
  readonly location: string
  /** Names this sign-in among those of the browser; the provider sends it back. */
  readonly state: string
  /** A secret that the browser keeps for ten minutes and shows when it comes back. */
  readonly browser: string
}

export type StartOAuthRefusal =
  | UnknownProvider
  | InvalidRedirect
  | TooManyAttempts
  | ProviderFailure

/** Starts a sign-in. */
export type StartOAuth = (
  provider: string,
  request: ClientRequest,
  addressPrefix: AddressPrefix,
) => Promise<Result<AuthorizationStart, StartOAuthRefusal>>

/** The authorization response of a provider (RFC 6749 §4.1.2), as the browser brings it; null for a missing parameter. */
export type AuthorizationResponse = {
  readonly state: string | null
  readonly code: string | null
  readonly issuer: string | null
  readonly error: string | null
}

export type FinishOAuthRefusal = (
  | InvalidState
  | ProviderFailure
  | { readonly kind: 'invalid-id-token' }
) & {
  /** The client's address with an error, for the browser that began this sign-in. Null for any other browser. */
  readonly returnTo: string | null
}

/**
 * Finds or makes the user of a browser that comes back from a provider, and answers where the browser has to go: to the
 * client, with a one-time code or with an error. A browser that did not start here is refused before the provider is asked.
 */
export type FinishOAuth = (
  provider: string,
  response: AuthorizationResponse,
  browser: string | null,
) => Promise<Result<{ readonly location: string }, FinishOAuthRefusal>>

/** What a client shows to exchange a code. All of it has to match what the client asked with. */
export type CodeExchange = {
  readonly code: string
  readonly state: string
  readonly codeVerifier: string
  readonly redirectUri: string
}

export type ExchangeOutcome =
  | { readonly kind: 'signed-in'; readonly signedIn: SignedIn; readonly created: boolean }
  | { readonly kind: 'linked'; readonly user: User }

export type ExchangeRefusal =
  | TooManyAttempts
  | { readonly kind: 'invalid-grant' }
  | { readonly kind: 'bad-credentials' }
  | { readonly kind: 'identity-taken' }

/**
 * Exchanges a one-time code for tokens, or for the link that the caller's session asked for. A wrong exchange spends the
 * code. A code that is presented again more than ten seconds after its exchange ends the session that it began.
 */
export type ExchangeCode = (
  exchange: CodeExchange,
  caller: UserContext | null,
  client: Client,
) => Promise<Result<ExchangeOutcome, ExchangeRefusal>>

export type OwnIdentity = {
  readonly provider: ProviderId
  readonly linkedAt: Date
  readonly email: Email | null
}

/** The caller's linked identities, ordered by provider, without the ids that the providers give the person. */
export type ListIdentities = (caller: UserContext) => Promise<readonly OwnIdentity[]>

export type StartLinkRefusal =
  | SessionEnded
  | UnknownProvider
  | InvalidRedirect
  | TooManyAttempts
  | { readonly kind: 'recent-login-required' }

/** Answers a URL of this service that the caller's browser opens once, within a minute, to link an identity. */
export type StartLink = (
  caller: UserContext,
  provider: string,
  request: ClientRequest,
  addressPrefix: AddressPrefix,
) => Promise<Result<{ readonly authorizationUrl: string }, StartLinkRefusal>>

export type ContinueLinkRefusal = InvalidState | ProviderFailure

/** Sends the browser that opened the URL of `StartLink` on to the provider. */
export type ContinueLink = (
  ticket: string,
) => Promise<Result<AuthorizationStart, ContinueLinkRefusal>>

export type UnlinkIdentityRefusal =
  | SessionEnded
  | { readonly kind: 'recent-login-required' }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'last-sign-in-method' }

/**
 * Unlinks the caller's identity at a provider and announces `updated`. The sign-in must be recent (at most 300 s old).
 * Refused when the identity is the last way to sign in.
 */
export type UnlinkIdentity = (
  caller: UserContext,
  provider: string,
) => Promise<Result<null, UnlinkIdentityRefusal>>
