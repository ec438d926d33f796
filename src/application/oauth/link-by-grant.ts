import type { User } from '../../domain/accounts/user.ts'
import type { SignInGrant } from '../../domain/oauth/sign-in-grant.ts'
import type { Client } from '../../domain/sessions/session.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { SessionStates } from '../../ports/driven/sessions/session-states.ts'
import type { Stores, Transact } from '../../ports/driven/transact.ts'
import type { Exchanged, ExchangeRefusal } from '../../ports/driving/oauth/oauth.ts'
import type { UserContext } from '../../ports/driving/sessions/user-context.ts'
import type { Stale } from '../accounts/retry-on-conflict.ts'
import { onPresentVersion } from '../accounts/retry-on-conflict.ts'
import type { WriteLink } from './write-link.ts'

type Grant = Extract<SignInGrant, { readonly kind: 'link' }>
type Refusal = Extract<ExchangeRefusal, { readonly kind: 'invalid-grant' | 'identity-taken' }>

type Needs = {
  readonly stores: Stores
  readonly transact: Transact
  readonly states: SessionStates
  readonly writeLink: WriteLink
}

export type LinkByGrant = (
  grant: Grant,
  caller: UserContext | null,
  client: Client,
) => Promise<Result<Exchanged, Refusal>>

/** Links for the very session that asked: a link that somebody was sent joins no accounts [OA22]. */
export const makeLinkByGrant = (needs: Needs): LinkByGrant => {
  const { stores, states } = needs
  const link = makeLink(needs)
  return async (grant, caller, client) => {
    if (caller === null || caller.session.id !== grant.askedBy || caller.id !== grant.userId)
      return fail({ kind: 'invalid-grant' })
    const linked = await onPresentVersion(
      () => stores.users.find(caller.id),
      null,
      (user) => link(user, grant, client),
    )
    states.forgetUser(caller.id)
    if (linked.ok) return ok({ kind: 'linked', user: linked.value })
    return linked.refusal.kind === 'identity-taken'
      ? fail({ kind: 'identity-taken' })
      : fail({ kind: 'invalid-grant' })
  }
}

const makeLink =
  ({ stores, transact, writeLink }: Needs) =>
  async (
    user: User,
    { provider, identity, askedBy: sessionId }: Grant,
    { addressPrefix }: Client,
  ): Promise<Result<User, Stale | { readonly kind: 'identity-taken' }>> => {
    // The same identity again changes nothing, so it announces nothing.
    if ((await stores.identities.ownerOf(provider, identity.subject)) === user.id) return ok(user)
    const author = { sessionId, addressPrefix }
    return transact((bound: Stores) => writeLink(bound, user, { provider, ...identity }, author))
  }
