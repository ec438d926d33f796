import type { Email } from '../accounts/email.ts'
import type { SessionId, UserId } from '../shared/ids.ts'
import type { ProviderId, ProviderSubject } from './provider.ts'

/**
 * What a one-time code stands for, until it is exchanged. `revocations` is the number of the account when the code, or the
 * link that it is for, was granted. The code opens nothing once the account has another number [SE14].
 */
export type SignInGrant =
  | {
      readonly kind: 'sign-in'
      /** The id of the session that the exchange will begin. */
      readonly sessionId: SessionId
      readonly userId: UserId
      readonly revocations: number
      readonly provider: ProviderId
      readonly created: boolean
      /** The identity that the exchange links to the user, if the user still has this version. */
      readonly joins: (IdentityName & { readonly version: number }) | null
    }
  | {
      readonly kind: 'link'
      /** No session has this id: a link begins no session that a replay could end. */
      readonly sessionId: SessionId
      readonly userId: UserId
      readonly revocations: number
      readonly provider: ProviderId
      readonly identity: IdentityName
      /** The session that asked for the link. */
      readonly askedBy: SessionId
    }

/** An identity among those of one provider. */
export type IdentityName = { readonly subject: ProviderSubject; readonly email: Email | null }

/** A session that wants an identity linked to its user, and the account's number of revocations when it asked. */
export type LinkRequest = {
  readonly userId: UserId
  readonly sessionId: SessionId
  readonly revocations: number
}

/** What the client asked for: where to return to, its state, and the S256 challenge of its code verifier (RFC 7636). */
export type ClientRequest = {
  readonly redirectUri: string
  readonly state: string
  readonly codeChallenge: string
}

/** One authorization request, from the redirect to a provider until the browser comes back. */
export type SignInTransaction = ClientRequest & {
  readonly provider: ProviderId
  /** Our own code verifier at the provider. */
  readonly verifier: string
  readonly nonce: string
  /** The digest of a secret that only the browser has in which the request began. */
  readonly browser: string
  /** Null for a sign-in. */
  readonly link: LinkRequest | null
}

/** A link that a signed-in client has asked for, and whose browser has not opened the address yet. */
export type LinkTicket = ClientRequest & {
  readonly provider: ProviderId
  readonly link: LinkRequest
}

/** How long a browser may take to come back from a provider. */
export const TRANSACTION_SECONDS = 600
/** How long a client's browser may take to open the address of a link. */
export const LINK_TICKET_SECONDS = 60

/**
 * Everything that a client has to show again with its code, as one text. The code is stored under this text, so that
 * anything wrong in it spends the code, and the store keeps none of it [OA8, OA9].
 */
export const codeBinding = ({ state, redirectUri, codeChallenge }: ClientRequest): string =>
  JSON.stringify([state, redirectUri, codeChallenge])
