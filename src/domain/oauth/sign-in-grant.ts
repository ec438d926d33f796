import type { Email } from '../accounts/email.ts'
import type { SessionId, UserId } from '../shared/ids.ts'
import type { ProviderId, ProviderSubject } from './provider.ts'

/** What a one-time code stands for, until it is exchanged. */
export type SignInGrant =
  | {
      readonly kind: 'sign-in'
      /** Of the session that the exchange will begin. */
      readonly sessionId: SessionId
      readonly userId: UserId
      readonly provider: ProviderId
      readonly created: boolean
      /** The identity to be linked on the way in, decided on this version of the user. */
      readonly joins: (IdentityName & { readonly version: number }) | null
    }
  | {
      readonly kind: 'link'
      /** No session has this id: a link begins none that a replay could end. */
      readonly sessionId: SessionId
      readonly userId: UserId
      readonly provider: ProviderId
      readonly identity: IdentityName
      /** Of the session that asked for the link. */
      readonly askedBy: SessionId
    }

/** An identity among those of one provider. */
export type IdentityName = { readonly subject: ProviderSubject; readonly email: Email | null }

/** A session that wants an identity linked to its user. */
export type LinkRequest = { readonly userId: UserId; readonly sessionId: SessionId }

/** What the client asked for: where to return to, with what, and the S256 of what it will prove itself by (RFC 7636). */
export type ClientRequest = {
  readonly redirectUri: string
  readonly state: string
  readonly codeChallenge: string
}

/** A browser on its way to a provider and back. */
export type SignInTransaction = ClientRequest & {
  readonly provider: ProviderId
  /** What we prove ourselves by to the provider. */
  readonly verifier: string
  readonly nonce: string
  /** The digest of what only the browser that left has. */
  readonly browser: string
  /** Null for somebody who signs in. */
  readonly link: LinkRequest | null
}

/** A link that somebody signed in has asked for, and whose browser has not set out yet. */
export type LinkTicket = ClientRequest & {
  readonly provider: ProviderId
  readonly link: LinkRequest
}
