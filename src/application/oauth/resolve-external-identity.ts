import type { User } from '../../domain/accounts/user.ts'
import { stateFromProvider } from '../../domain/accounts/user.ts'
import type { ExternalIdentity, IdentityMatch } from '../../domain/oauth/external-identity.ts'
import { matchIdentity } from '../../domain/oauth/external-identity.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import { Unavailable } from '../../domain/shared/unavailable.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import type { Identifiers } from '../../ports/driven/shared/identifiers.ts'
import type { Stores, Transact } from '../../ports/driven/transact.ts'
import type { ChooseUsername } from '../accounts/choose-username.ts'
import { ownAccountEntry } from '../audit/audit-entries.ts'

type Needs = {
  readonly stores: Stores
  readonly transact: Transact
  readonly chooseUsername: ChooseUsername
  readonly identifiers: Identifiers
  readonly clock: Clock
}

export type ResolvedIdentity = {
  readonly user: User
  /** The user's number of revocations at the moment when the identity was found [SE14]. */
  readonly revocations: number
  readonly created: boolean
  /** The identity is not linked to the user yet. That happens when the code is exchanged. */
  readonly joins: boolean
}

/** Null for somebody who has to sign in and link the identity first. */
export type ResolveExternalIdentity = (
  identity: ExternalIdentity,
) => Promise<ResolvedIdentity | null>

/** Another sign-in may take the same identity, address or username at the same time. That does not happen often in a row. */
const ATTEMPTS = 10

/**
 * Finds the user of an external identity, or makes one. A new user is written together with the identity, the event and
 * the audit entry.
 * @throws Unavailable after ten conflicts in a row.
 */
export const makeResolveExternalIdentity = (needs: Needs): ResolveExternalIdentity => {
  const match = makeMatch(needs)
  const register = makeRegister(needs)
  return async (identity) => {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const found = await match(identity)
      if (found === null) continue
      const { matched, revocations } = found
      if (matched.kind === 'link-required') return null
      if (matched.kind !== 'new')
        return { user: matched.user, revocations, created: false, joins: matched.kind === 'joins' }
      const registered = await register(identity, matched)
      if (registered.ok) return { user: registered.value, revocations, created: true, joins: false }
    }
    throw new Unavailable(
      `an external identity conflicted with other changes ${ATTEMPTS} times in a row`,
    )
  }
}

/** `revocations` is the number of the user who was found, and 0 for a new one. */
type Found = { readonly matched: IdentityMatch; readonly revocations: number }

/** Null when the identity was linked during the search. */
const makeMatch =
  ({ stores: { users, identities, credentials } }: Needs) =>
  async (identity: ExternalIdentity): Promise<Found | null> => {
    const { provider, subject, email } = identity
    const link = await identities.ownerOf(provider, subject)
    const owner = link && (await users.find(link.userId))
    const emailOwner =
      owner === null && email !== null ? await users.byIdentifier({ kind: 'email', email }) : null
    const linked = emailOwner === null ? [] : await identities.ofUser(emailOwner.id)
    const ofProvider = linked.filter((each) => each.provider === provider)
    if (ofProvider.some((each) => each.subject === subject)) return null
    const emailOwnerHasAnother = ofProvider.length > 0
    const matched = matchIdentity(identity, { owner, emailOwner, emailOwnerHasAnother })
    const revocations =
      matched.kind === 'joins'
        ? await credentials.revocations(matched.user.id)
        : (link?.revocations ?? 0)
    return { matched, revocations }
  }

const makeRegister =
  ({ transact, chooseUsername, identifiers, clock }: Needs) =>
  (
    { provider, subject, email, displayName, avatar }: ExternalIdentity,
    account: Extract<IdentityMatch, { readonly kind: 'new' }>,
  ): Promise<Result<User, 'conflict'>> =>
    transact<User, 'conflict'>(async ({ users, identities, audit }) => {
      const chosen = chooseUsername(identifiers.username())
      if (!chosen.ok) throw new Error('a username of our own making is refused')
      const { username, forms } = chosen.value
      const id = identifiers.userId()
      const state = stateFromProvider({
        email: account.email,
        emailVerified: account.emailVerified,
        username,
        displayName,
        avatar,
      })
      const inserted = await users.insert(id, state, forms, identifiers.announcement())
      if (!inserted.ok) return fail('conflict')
      const now = clock()
      const isLinked = await identities.link({
        provider,
        subject,
        userId: id,
        email,
        linkedAt: now,
      })
      if (!isLinked) return fail('conflict')
      await audit.append(
        ownAccountEntry('user.registered', id, {
          addressPrefix: null,
          details: `through ${provider}`,
          at: now,
        }),
      )
      return ok(inserted.value)
    })
