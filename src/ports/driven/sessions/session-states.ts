import type { User } from '../../../domain/accounts/user.ts'
import type { Session } from '../../../domain/sessions/session.ts'
import type { SessionId, UserId } from '../../../domain/shared/ids.ts'

export type SessionState = { readonly session: Session; readonly user: User }

/** The state of a session as stored at this moment; null when it is unknown. */
export type ReadSessionState = (id: SessionId) => Promise<SessionState | null>

/**
 * What each request of a bearer asks: does the session live, and who is its user now? Answers may be up to
 * one second old, counted from the start of the query, unless `forget…` was called meanwhile.
 */
export type SessionStates = {
  /** Null when the session is unknown. Ended sessions and inactive users are returned: the caller decides. */
  find(id: SessionId): Promise<SessionState | null>
  /** After this returns, the next `find` of any session of the user asks the store. */
  forgetUser(user: UserId): void
  forgetSession(id: SessionId): void
  /** The same for all sessions of everybody. */
  forgetEverything(): void
}
