import type { SessionId, UserId } from '../../domain/shared/ids.ts'
import { ok } from '../../domain/shared/result.ts'
import type { SessionStates } from '../../ports/driven/sessions/session-states.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import type { Transact } from '../../ports/driven/transact.ts'

type Needs = { readonly transact: Transact; readonly states: SessionStates; readonly clock: Clock }

/** True when there was a living session of that user to end. */
export type EndOneSession = (session: SessionId, user: UserId) => Promise<boolean>

/** Ends a session with its line in the audit trail, and forgets what this instance knew of it. */
export const makeEndOneSession =
  ({ transact, states, clock }: Needs): EndOneSession =>
  async (sessionId, user) => {
    const now = clock()
    const ended = await transact(async ({ sessions, audit }) => {
      const wasLiving = await sessions.end(sessionId, user, now)
      if (wasLiving)
        await audit.append({
          action: 'session.ended',
          result: 'ok',
          actorId: user,
          subjectId: user,
          sessionId,
          addressPrefix: null,
          at: now,
        })
      return ok(wasLiving)
    })
    states.forgetSession(sessionId)
    return ended.ok && ended.value
  }
