import { ok } from '../../domain/shared/result.ts'
import type { SessionStates } from '../../ports/driven/sessions/session-states.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import type { Transact } from '../../ports/driven/transact.ts'
import type { SessionEnded, SignOutEverywhere } from '../../ports/driving/sessions/sessions.ts'
import { ownAccountEntry } from '../audit/audit-entries.ts'
import { makeKeyedMutex } from '../shared/keyed-mutex.ts'
import { lockCaller } from '../shared/lock-caller.ts'

type Needs = { readonly transact: Transact; readonly states: SessionStates; readonly clock: Clock }

/** See `SignOutEverywhere`. Of several calls in one session the first one is made and audited [BF13]. */
export const makeSignOutEverywhere = ({ transact, states, clock }: Needs): SignOutEverywhere => {
  // One at a time for each account, so that those that wait for its rows hold no connection [BF14].
  const withLock = makeKeyedMutex()
  return (caller) =>
    withLock(caller.id, async () => {
      const { id: sessionId, addressPrefix } = caller.session
      const now = clock()
      const ended = await transact<null, SessionEnded>(async (bound) => {
        const locked = await lockCaller(bound, caller, now)
        if (!locked.ok) return locked
        await bound.sessions.endAll(caller.id, null, now)
        await bound.audit.append(
          ownAccountEntry('session.all-ended', caller.id, { sessionId, addressPrefix, at: now }),
        )
        return ok(null)
      })
      states.forgetUser(caller.id)
      return ended
    })
}
