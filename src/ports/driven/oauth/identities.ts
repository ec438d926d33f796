import type { Email } from '../../../domain/accounts/email.ts'
import type { ProviderId, ProviderSubject } from '../../../domain/oauth/provider.ts'
import type { UserId } from '../../../domain/shared/ids.ts'

/** An identity at a provider that opens an account here. */
export type LinkedIdentity = {
  readonly provider: ProviderId
  readonly subject: ProviderSubject
  readonly userId: UserId
  /** The address that the provider named when it was linked. */
  readonly email: Email | null
  readonly linkedAt: Date
}

/** Each identity belongs to one user, and each user has at most one of each provider. */
export type Identities = {
  ownerOf(provider: ProviderId, subject: ProviderSubject): Promise<UserId | null>
  /** By provider, in the order of their ids. */
  ofUser(user: UserId): Promise<LinkedIdentity[]>
  /** False, and nothing written, when somebody has it already or the user has another of this provider. */
  link(identity: LinkedIdentity): Promise<boolean>
  /** False when there was none. */
  unlink(user: UserId, provider: ProviderId): Promise<boolean>
}
