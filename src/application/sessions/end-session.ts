import type { SessionId, UserId } from '../../domain/shared/ids.ts'
import { parseSessionId } from '../../domain/shared/ids.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { SessionStates } from '../../ports/driven/sessions/session-states.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import type { Transact } from '../../ports/driven/transact.ts'
import type { EndSession } from '../../ports/driving/sessions/sessions.ts'
import { ownAccountEntry } from '../audit/audit-entries.ts'
import { makeKeyedMutex } from '../shared/keyed-mutex.ts'

/** True when this call ended a live session of that user. */
export type RevokeSession = (session: SessionId, user: UserId) => Promise<boolean>

type Needs = { readonly transact: Transact; readonly states: SessionStates; readonly clock: Clock }

/** Ends a session with its audit entry. From then on this instance answers nothing about it from the cache. */
export const makeRevokeSession = ({ transact, states, clock }: Needs): RevokeSession => {
  // One at a time for each account, so that those that wait for its rows hold no connection [BF14].
  const withLock = makeKeyedMutex()
  return (sessionId, user) =>
    withLock(user, async () => {
      const now = clock()
      const ended = await transact(async ({ sessions, audit }) => {
        const wasLive = await sessions.end(sessionId, user, now)
        if (wasLive)
          await audit.append(
            ownAccountEntry('session.ended', user, { sessionId, addressPrefix: null, at: now }),
          )
        return ok(wasLive)
      })
      states.forgetSession(sessionId)
      return ended.ok && ended.value
    })
}

/** See `EndSession`. */
export const makeEndSession =
  (revokeSession: RevokeSession): EndSession =>
  async (caller, text) => {
    const id = parseSessionId(text)
    return id !== null && (await revokeSession(id, caller.id))
      ? ok(null)
      : fail({ kind: 'not-found' })
  }
