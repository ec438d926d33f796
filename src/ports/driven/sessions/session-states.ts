import type { User } from '../../../domain/accounts/user.ts'
import type { Session } from '../../../domain/sessions/session.ts'
import type { SessionId, UserId } from '../../../domain/shared/ids.ts'

export type SessionState = { readonly session: Session; readonly user: User }

/** Reads a session and its user as they are stored now; null when the session is unknown. */
export type ReadSessionState = (id: SessionId) => Promise<SessionState | null>

/**
 * A cache of sessions with their users, which every authenticated request reads. An answer may be up to 1 s old, counted
 * from the start of its query, unless `forget…` was called meanwhile.
 */
export type SessionStates = {
  /** Null when the session is unknown. Answers ended sessions and inactive users too: the caller decides. */
  find(id: SessionId): Promise<SessionState | null>
  /**
   * Puts the user as a write of this instance has just answered it in place of an older version, so that the next `find`
   * of the session need not read. The answer gets no younger by it, and what was forgotten stays forgotten.
   */
  updateUser(id: SessionId, user: User): void
  /** After this returns, the next `find` of any session of the user reads the store. */
  forgetUser(user: UserId): void
  /** After this returns, the next `find` of the session reads the store. */
  forgetSession(id: SessionId): void
  /** After this returns, the next `find` of any session reads the store. */
  forgetEverything(): void
}
