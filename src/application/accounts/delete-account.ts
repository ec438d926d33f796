import type { User } from '../../domain/accounts/user.ts'
import { isLastAdmin } from '../../domain/accounts/user.ts'
import { isRecentlyAuthenticated } from '../../domain/sessions/session.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { SessionStates } from '../../ports/driven/sessions/session-states.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import type { Identifiers } from '../../ports/driven/shared/identifiers.ts'
import type { Stores, Transact } from '../../ports/driven/transact.ts'
import type { DeleteAccount } from '../../ports/driving/accounts/accounts.ts'
import type { SessionEnded, UserContext } from '../../ports/driving/sessions/sessions.ts'
import { ownAccountEntry } from '../audit/audit-entries.ts'
import { makeKeyedMutex } from '../shared/keyed-mutex.ts'
import { lockCaller } from '../shared/lock-caller.ts'
import type { Stale } from './retry-on-conflict.ts'
import { retryOnConflict } from './retry-on-conflict.ts'

type Needs = {
  readonly stores: Stores
  readonly transact: Transact
  readonly states: SessionStates
  readonly identifiers: Identifiers
  readonly clock: Clock
}

type RemoveRefusal = Stale | SessionEnded | { readonly kind: 'last-admin' }

/** See `DeleteAccount`. */
export const makeDeleteAccount = (needs: Needs): DeleteAccount => {
  const { stores, states, clock } = needs
  const remove = makeRemove(needs)
  // One at a time for each account, so that those that wait for its rows hold no connection [BF14].
  const withLock = makeKeyedMutex()
  return async (caller, expected) => {
    if (!isRecentlyAuthenticated(caller.session, clock()))
      return fail({ kind: 'recent-login-required' })
    const removed = await withLock(caller.id, () =>
      retryOnConflict(
        () => stores.users.find(caller.id),
        expected,
        (user) => remove(user, caller),
      ),
    )
    states.forgetUser(caller.id)
    return removed
  }
}

const makeRemove =
  ({ transact, identifiers, clock }: Needs) =>
  (user: User, caller: UserContext): Promise<Result<null, RemoveRefusal>> =>
    transact<null, RemoveRefusal>(async (bound) => {
      const { users, audit } = bound
      // The count holds a lock, so two administrators who leave at the same time cannot both leave [AZ4].
      if (user.role === 'admin' && isLastAdmin(user, await users.lockActiveAdmins()))
        return fail({ kind: 'last-admin' })
      const locked = await lockCaller(bound, caller, clock())
      if (!locked.ok) return locked
      const removed = await users.remove(user, identifiers.announcement())
      if (!removed.ok) return removed
      const { id: sessionId, addressPrefix } = caller.session
      await audit.append(
        ownAccountEntry('user.deleted', user.id, { sessionId, addressPrefix, at: clock() }),
      )
      return ok(null)
    })
