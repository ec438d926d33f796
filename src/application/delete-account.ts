import type { Result } from '../domain/result.ts'
import { fail, ok } from '../domain/result.ts'
import { isRecentlyAuthenticated } from '../domain/session.ts'
import type { User } from '../domain/user.ts'
import { isLastAdmin } from '../domain/user.ts'
import type { Clock } from '../ports/driven/clock.ts'
import type { Identifiers } from '../ports/driven/identifiers.ts'
import type { SessionStates } from '../ports/driven/session-states.ts'
import type { Stores, Transact } from '../ports/driven/transact.ts'
import type { DeleteAccount } from '../ports/driving/accounts.ts'
import type { UserContext } from '../ports/driving/user-context.ts'
import type { Stale } from './on-present-version.ts'
import { onPresentVersion } from './on-present-version.ts'

type Needs = {
  readonly stores: Stores
  readonly transact: Transact
  readonly states: SessionStates
  readonly identifiers: Identifiers
  readonly clock: Clock
}

type RemoveRefusal = Stale | { readonly kind: 'last-admin' }

/** See `DeleteAccount`. */
export const makeDeleteAccount = (needs: Needs): DeleteAccount => {
  const { stores, states, clock } = needs
  const remove = makeRemove(needs)
  return async (caller, expected) => {
    if (!isRecentlyAuthenticated(caller.session, clock()))
      return fail({ kind: 'recent-login-required' })
    const removed = await onPresentVersion(
      () => stores.users.find(caller.id),
      expected,
      (user) => remove(user, caller),
    )
    states.forgetUser(caller.id)
    return removed
  }
}

const makeRemove =
  ({ transact, identifiers, clock }: Needs) =>
  (user: User, caller: UserContext): Promise<Result<null, RemoveRefusal>> =>
    transact<null, RemoveRefusal>(async ({ users, audit }) => {
      // Counted under a lock: two administrators who leave at once must not both be let go [AZ4].
      if (user.role === 'admin' && isLastAdmin(user, await users.lockActiveAdmins()))
        return fail({ kind: 'last-admin' })
      const removed = await users.remove(user, identifiers.announcement())
      if (!removed.ok) return removed
      await audit.append({
        action: 'user.deleted',
        result: 'ok',
        actorId: caller.id,
        subjectId: user.id,
        sessionId: caller.session.id,
        addressPrefix: caller.session.addressPrefix,
        at: clock(),
      })
      return ok(null)
    })
