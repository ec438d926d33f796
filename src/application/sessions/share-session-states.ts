import type { Signals } from '../../ports/driven/operations/signals.ts'
import type { SessionStates } from '../../ports/driven/sessions/session-states.ts'

/**
 * A cache of session states that the instances invalidate together. `forget…` takes effect in this instance at once, and
 * in the others when the signal arrives.
 */
export const shareSessionStates = (own: SessionStates, signals: Signals): SessionStates => {
  signals.listen((heard) => {
    if (heard.kind === 'user-changed') own.forgetUser(heard.userId)
    if (heard.kind === 'session-changed') own.forgetSession(heard.sessionId)
    // A missed signal may have been the end of a session.
    if (heard.kind === 'signals-missed') own.forgetEverything()
  })
  return {
    find: own.find,
    updateUser: own.updateUser,
    forgetEverything: own.forgetEverything,
    forgetUser: (userId) => {
      own.forgetUser(userId)
      void signals.announce({ kind: 'user-changed', userId })
    },
    forgetSession: (sessionId) => {
      own.forgetSession(sessionId)
      void signals.announce({ kind: 'session-changed', sessionId })
    },
  }
}
