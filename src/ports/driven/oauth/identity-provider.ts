import type { ExternalIdentity } from '../../../domain/oauth/external-identity.ts'
import type { ProviderFailure, ProviderId } from '../../../domain/oauth/provider.ts'
import type { Result } from '../../../domain/shared/result.ts'

export type RedeemRefusal =
  | ProviderFailure
  /** The id_token fails a check, so the person has not signed in at this provider. */
  | { readonly kind: 'invalid-id-token' }
  /** The answer names another issuer (RFC 9207). */
  | { readonly kind: 'wrong-issuer' }

/** What an authorization request is made with. */
export type AuthorizationParameters = {
  readonly state: string
  readonly nonce: string
  /** The code verifier (RFC 7636). The request carries its S256 challenge only. */
  readonly verifier: string
}

/** The code of an authorization response, and the issuer that the response names (RFC 9207). */
export type AuthorizationCode = { readonly code: string; readonly issuer: string | null }

/** An identity provider. Its tokens are used at once and stored nowhere. */
export type IdentityProvider = {
  readonly id: ProviderId
  /** The name that people know it by. */
  readonly name: string
  /** The issuer that its authorization responses name (RFC 9207). */
  readonly issuer: string
  /** The URL that the browser has to open. Answers within 5 s. */
  authorizationUrl(parameters: AuthorizationParameters): Promise<Result<string, ProviderFailure>>
  /** Exchanges a code, once and without a second attempt, for what the provider says about the person. Within 5 s. */
  redeem(
    authorization: AuthorizationCode,
    proof: Pick<AuthorizationParameters, 'nonce' | 'verifier'>,
  ): Promise<Result<ExternalIdentity, RedeemRefusal>>
}

/** The configured providers by their ids, in the order in which clients show them. */
export type IdentityProviders = ReadonlyMap<string, IdentityProvider>
