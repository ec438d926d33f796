import type { Email } from '../../../domain/accounts/email.ts'
import type { ProviderId, ProviderSubject } from '../../../domain/oauth/provider.ts'
import type { UserId } from '../../../domain/shared/ids.ts'

/** An identity at a provider that its owner can sign in with. */
export type LinkedIdentity = {
  readonly provider: ProviderId
  readonly subject: ProviderSubject
  readonly userId: UserId
  /** The address that the provider named when the identity was linked. */
  readonly email: Email | null
  readonly linkedAt: Date
}

/** The owner of an identity, and the owner's number of revocations, both read at the same moment. */
export type IdentityOwner = { readonly userId: UserId; readonly revocations: number }

/**
 * The identities that are linked to users. Each belongs to one user, and each user has at most one of each provider.
 * @throws Unavailable from each member.
 */
export type Identities = {
  /**
   * The user whom the identity is linked to; null for none. An unlinking raises the number, so whoever has the number has
   * read the link that it belongs to [SE14].
   */
  ownerOf(provider: ProviderId, subject: ProviderSubject): Promise<IdentityOwner | null>
  /** The identities of a user, ordered by the id of their provider. */
  ofUser(user: UserId): Promise<LinkedIdentity[]>
  /** False, with nothing written, when the identity is linked already or the user has another one of this provider. */
  link(identity: LinkedIdentity): Promise<boolean>
  /** False when the user has no identity of this provider. */
  unlink(user: UserId, provider: ProviderId): Promise<boolean>
}
