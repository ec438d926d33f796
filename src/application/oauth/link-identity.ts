import type { Email } from '../../domain/accounts/email.ts'
import type { User } from '../../domain/accounts/user.ts'
import { publishedState } from '../../domain/accounts/user.ts'
import type { ProviderId, ProviderSubject } from '../../domain/oauth/provider.ts'
import type { AddressPrefix } from '../../domain/shared/address-prefix.ts'
import type { SessionId } from '../../domain/shared/ids.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { Confusables } from '../../ports/driven/accounts/users.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import type { Identifiers } from '../../ports/driven/shared/identifiers.ts'
import type { Stores } from '../../ports/driven/transact.ts'
import { usernameForms } from '../accounts/choose-username.ts'
import { ownAccountEntry } from '../audit/audit-entries.ts'

type Needs = {
  readonly confusables: Confusables
  readonly identifiers: Identifiers
  readonly clock: Clock
}

type Identity = {
  readonly provider: ProviderId
  readonly subject: ProviderSubject
  readonly email: Email | null
}

/** The session in which the identity is linked. */
type Author = { readonly sessionId: SessionId; readonly addressPrefix: AddressPrefix }

export type LinkIdentity = (
  stores: Stores,
  user: User,
  identity: Identity,
  author: Author,
) => Promise<Result<User, { readonly kind: 'stale' } | { readonly kind: 'identity-taken' }>>

/** Links an identity to exactly this version of a user, and writes the event and the audit entry with it. */
export const makeLinkIdentity =
  ({ confusables, identifiers, clock }: Needs): LinkIdentity =>
  async ({ users, identities, audit }, user, { provider, subject, email }, author) => {
    const state = publishedState(user)
    const forms = usernameForms(confusables, user.username)
    const saved = await users.update(user, state, [], forms, identifiers.announcement())
    if (!saved.ok) return fail({ kind: 'stale' })
    const now = clock()
    const isLinked = await identities.link({
      provider,
      subject,
      email,
      userId: user.id,
      linkedAt: now,
    })
    if (!isLinked) return fail({ kind: 'identity-taken' })
    await audit.append(
      ownAccountEntry('identity.linked', user.id, {
        sessionId: author.sessionId,
        addressPrefix: author.addressPrefix,
        details: provider,
        at: now,
      }),
    )
    return ok(saved.value)
  }
