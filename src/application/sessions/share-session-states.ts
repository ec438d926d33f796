import type { Signals } from '../../ports/driven/operations/signals.ts'
import type { SessionStates } from '../../ports/driven/sessions/session-states.ts'

/** Session states that every instance forgets when one does: here at once, elsewhere as fast as signals are. */
export const shareSessionStates = (own: SessionStates, signals: Signals): SessionStates => {
  signals.listen((heard) => {
    if (heard.kind === 'user-changed') own.forgetUser(heard.userId)
    if (heard.kind === 'session-changed') own.forgetSession(heard.sessionId)
    // Somebody may have been signed out while nobody could tell.
    if (heard.kind === 'signals-missed') own.forgetEverything()
  })
  return {
    find: own.find,
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
