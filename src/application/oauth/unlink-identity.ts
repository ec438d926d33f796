import type { User } from '../../domain/accounts/user.ts'
import { publishedState } from '../../domain/accounts/user.ts'
import { isLastSignInMethod } from '../../domain/oauth/external-identity.ts'
import type { ProviderId } from '../../domain/oauth/provider.ts'
import { parseProviderId } from '../../domain/oauth/provider.ts'
import { isRecentlyAuthenticated } from '../../domain/sessions/session.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { Confusables } from '../../ports/driven/accounts/users.ts'
import type { SessionStates } from '../../ports/driven/sessions/session-states.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import type { Identifiers } from '../../ports/driven/shared/identifiers.ts'
import type { Stores, Transact } from '../../ports/driven/transact.ts'
import type { UnlinkIdentity, UnlinkIdentityRefusal } from '../../ports/driving/oauth/oauth.ts'
import type { UserContext } from '../../ports/driving/sessions/sessions.ts'
import { usernameForms } from '../accounts/choose-username.ts'
import type { Stale } from '../accounts/retry-on-conflict.ts'
import { retryOnConflict } from '../accounts/retry-on-conflict.ts'
import { ownAccountEntry } from '../audit/audit-entries.ts'
import { makeKeyedMutex } from '../shared/keyed-mutex.ts'
import { lockCaller } from '../shared/lock-caller.ts'

type Needs = {
  readonly stores: Stores
  readonly transact: Transact
  readonly states: SessionStates
  readonly confusables: Confusables
  readonly identifiers: Identifiers
  readonly clock: Clock
}

/** See `UnlinkIdentity`. */
export const makeUnlinkIdentity = (needs: Needs): UnlinkIdentity => {
  const unlink = makeUnlink(needs)
  // One at a time for each account, so that those that wait for its rows hold no connection [BF14].
  const withLock = makeKeyedMutex()
  return async (caller, providerId) => {
    if (!isRecentlyAuthenticated(caller.session, needs.clock()))
      return fail({ kind: 'recent-login-required' })
    const provider = parseProviderId(providerId)
    if (provider === null) return fail({ kind: 'not-found' })
    const unlinked = await withLock(caller.id, () =>
      retryOnConflict(
        () => needs.stores.users.find(caller.id),
        null,
        (user) => unlink(user, provider, caller),
      ),
    )
    needs.states.forgetUser(caller.id)
    if (unlinked.ok) return unlinked
    return unlinked.refusal.kind === 'version-mismatch'
      ? fail({ kind: 'not-found' })
      : fail(unlinked.refusal)
  }
}

const makeUnlink =
  ({ transact, confusables, identifiers, clock }: Needs) =>
  (
    user: User,
    provider: ProviderId,
    caller: UserContext,
  ): Promise<Result<null, UnlinkIdentityRefusal | Stale>> =>
    transact<null, UnlinkIdentityRefusal | Stale>(async (stores) => {
      // The lock comes first. Otherwise two calls at once could unlink the last two sign-in methods.
      const locked = await lockCaller(stores, caller, clock())
      if (!locked.ok) return locked
      // What is refused is refused before anything is written: nobody pays for a change that is rolled back [BF13].
      const linked = await stores.identities.ofUser(user.id)
      if (!linked.some((each) => each.provider === provider)) return fail({ kind: 'not-found' })
      if (isLastSignInMethod(linked.length, locked.value.passwordHash !== null))
        return fail({ kind: 'last-sign-in-method' })
      const forms = usernameForms(confusables, user.username)
      const announcement = identifiers.announcement()
      const saved = await stores.users.update(user, publishedState(user), [], forms, announcement)
      if (!saved.ok) return fail({ kind: 'stale' })
      await stores.identities.unlink(user.id, provider)
      // A code that this identity has obtained before would still open a session.
      await stores.credentials.revoke(user.id)
      await stores.audit.append(
        ownAccountEntry('identity.unlinked', user.id, {
          sessionId: caller.session.id,
          addressPrefix: caller.session.addressPrefix,
          details: provider,
          at: clock(),
        }),
      )
      return ok(null)
    })
