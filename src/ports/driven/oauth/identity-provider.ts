import type { ExternalIdentity } from '../../../domain/oauth/external-identity.ts'
import type { ProviderId } from '../../../domain/oauth/provider.ts'
import type { Result } from '../../../domain/shared/result.ts'

/** The provider did not do its part, within 5 s: it answered wrongly or not at all, or is given a rest after that. */
export type ProviderTrouble =
  | { readonly kind: 'provider-failed' }
  | { readonly kind: 'provider-timeout' }

export type RedeemRefusal =
  | ProviderTrouble
  /** The id_token fails a check: whoever it is about has not signed in here. */
  | { readonly kind: 'invalid-id-token' }
  /** The answer says that it is from somebody else (RFC 9207). */
  | { readonly kind: 'wrong-issuer' }

export type Outbound = {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
}

/** What the browser brought back. */
export type Brought = { readonly code: string; readonly issuer: string | null }

/** Somebody else's sign-in. Its tokens are used at once and kept nowhere. */
export type IdentityProvider = {
  readonly id: ProviderId
  /** As people know it. */
  readonly name: string
  /** What it calls itself in the answers that browsers bring (RFC 9207). */
  readonly issuer: string
  /** Where the browser has to go, with the S256 of the verifier. */
  authorizationUrl(outbound: Outbound): Promise<Result<string, ProviderTrouble>>
  /** Redeems a code, once and without a second try, for what the provider says about the person. */
  redeem(
    brought: Brought,
    proof: Pick<Outbound, 'nonce' | 'verifier'>,
  ): Promise<Result<ExternalIdentity, RedeemRefusal>>
}

/** Those that are configured, in the order that clients show them. */
export type IdentityProviders = ReadonlyMap<string, IdentityProvider>
