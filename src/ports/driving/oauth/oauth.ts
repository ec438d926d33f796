import type { Email } from '../../../domain/accounts/email.ts'
import type { User } from '../../../domain/accounts/user.ts'
import type { ProviderId } from '../../../domain/oauth/provider.ts'
import type { ClientRequest } from '../../../domain/oauth/sign-in-grant.ts'
import type { Client } from '../../../domain/sessions/session.ts'
import type { AddressPrefix } from '../../../domain/shared/address-prefix.ts'
import type { Result } from '../../../domain/shared/result.ts'
import type { ProviderTrouble } from '../../driven/oauth/identity-provider.ts'
import type { TooManyAttempts } from '../limits/too-many-attempts.ts'
import type { SignedIn } from '../sessions/sessions.ts'
import type { UserContext } from '../sessions/user-context.ts'

export type { ClientRequest }

/** Those that somebody can sign in through here. */
export type ListProviders = () => readonly { readonly id: ProviderId; readonly name: string }[]

type UnknownProvider = { readonly kind: 'unknown-provider' }
type InvalidRedirect = { readonly kind: 'invalid-redirect-uri' }
type InvalidState = { readonly kind: 'invalid-oauth-state' }

/** Sends a browser to a provider. */
export type Departure = {
  readonly location: string
  /** What the browser has to keep for ten minutes and show when it comes back. */
  readonly browser: string
}

export type StartOAuthRefusal =
  | UnknownProvider
  | InvalidRedirect
  | TooManyAttempts
  | ProviderTrouble

/** Begins a sign-in; `browser` is what an earlier departure gave the same browser, if it still has it. */
export type StartOAuth = (
  provider: string,
  request: ClientRequest,
  browser: string | null,
  addressPrefix: AddressPrefix,
) => Promise<Result<Departure, StartOAuthRefusal>>

/** What a browser brings back from a provider; null for what was not among it. */
export type Arrived = {
  readonly state: string | null
  readonly code: string | null
  readonly issuer: string | null
  readonly error: string | null
}

export type FinishOAuthRefusal =
  | InvalidState
  | ProviderTrouble
  | { readonly kind: 'invalid-id-token' }

/**
 * Finds or makes the user of a browser that comes back, and answers where it has to go: to the client, with a one-time
 * code or with an error. A browser that did not set out from here is refused before the provider is asked.
 */
export type FinishOAuth = (
  provider: string,
  arrived: Arrived,
  browser: string | null,
) => Promise<Result<{ readonly location: string }, FinishOAuthRefusal>>

/** What a client shows for a code; it has to be what it asked with. */
export type CodeExchange = {
  readonly code: string
  readonly state: string
  readonly codeVerifier: string
  readonly redirectUri: string
}

export type Exchanged =
  | { readonly kind: 'signed-in'; readonly signedIn: SignedIn; readonly created: boolean }
  | { readonly kind: 'linked'; readonly user: User }

export type ExchangeRefusal =
  | TooManyAttempts
  | { readonly kind: 'invalid-grant' }
  | { readonly kind: 'bad-credentials' }
  | { readonly kind: 'identity-taken' }

/** Exchanges a one-time code for tokens, or for the link that the caller's session asked for. A wrong exchange spends it. */
export type ExchangeCode = (
  exchange: CodeExchange,
  caller: UserContext | null,
  client: Client,
) => Promise<Result<Exchanged, ExchangeRefusal>>

export type OwnIdentity = {
  readonly provider: ProviderId
  readonly linkedAt: Date
  readonly email: Email | null
}

/** The caller's identities, by provider. */
export type ListIdentities = (caller: UserContext) => Promise<readonly OwnIdentity[]>

export type AskForLinkRefusal =
  | UnknownProvider
  | InvalidRedirect
  | TooManyAttempts
  | { readonly kind: 'recent-login-required' }

/** Answers an address here that the caller's browser opens once, within a minute, to link an identity. */
export type AskForLink = (
  caller: UserContext,
  provider: string,
  request: ClientRequest,
  addressPrefix: AddressPrefix,
) => Promise<Result<{ readonly authorizationUrl: string }, AskForLinkRefusal>>

export type ContinueLinkRefusal = InvalidState | ProviderTrouble

/** Sends the browser that opened such an address on to the provider. */
export type ContinueLink = (
  ticket: string,
  browser: string | null,
) => Promise<Result<Departure, ContinueLinkRefusal>>

export type UnlinkIdentityRefusal =
  | { readonly kind: 'not-found' }
  | { readonly kind: 'last-sign-in-method' }

/** Takes an identity away and announces `updated`, unless nobody could sign in to the account any more. */
export type UnlinkIdentity = (
  caller: UserContext,
  provider: string,
) => Promise<Result<null, UnlinkIdentityRefusal>>
