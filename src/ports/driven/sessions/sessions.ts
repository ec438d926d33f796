import type { Session, SessionLifetimes } from '../../../domain/sessions/session.ts'
import type { SessionId, UserId } from '../../../domain/shared/ids.ts'

/** Signed-in sessions. An ended session never comes back to life. */
export type Sessions = {
  /** Null when unknown; a session that ended or expired is still found until maintenance removes it. */
  find(id: SessionId): Promise<Session | null>
  start(session: Session): Promise<void>
  /** False, and nothing written, when the code of this digest has begun a session before. */
  startFromCode(session: Session, codeDigest: string): Promise<boolean>
  /**
   * Rotates, if this generation is the present one, the session lives and its user is active.
   * Of any number of concurrent callers exactly one receives the rotated session, the others null.
   */
  rotate(
    id: SessionId,
    generation: number,
    lifetimes: SessionLifetimes,
    now: Date,
  ): Promise<Session | null>
  /** Records that the owner has just proved who they are. */
  reauthenticated(id: SessionId, now: Date): Promise<void>
  /** True when this call ended a living session of that user; once resolved, it is refused everywhere within 1 s. */
  end(id: SessionId, user: UserId, now: Date): Promise<boolean>
  /** Ends every session of the user but `except`. */
  endAll(user: UserId, except: SessionId | null, now: Date): Promise<void>
  /** Living sessions, newest first. */
  ofUser(user: UserId, now: Date): Promise<Session[]>
}
