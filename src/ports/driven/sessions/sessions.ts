import type { Session, SessionLifetimes, SessionPage } from '../../../domain/sessions/session.ts'
import type { SessionId, UserId } from '../../../domain/shared/ids.ts'
import type { AuditEntry } from '../audit/audit-trail.ts'

export type Surplus = {
  /** Counts among `keep`, and never ends. */
  readonly opened: SessionId
  readonly keep: number
  readonly atOnce: number
  readonly entry: AuditEntry
}

/** Sessions. An ended session is never live again. */
export type Sessions = {
  /** Null when the session is unknown. An ended or expired session is found until maintenance deletes it. */
  find(id: SessionId): Promise<Session | null>
  start(session: Session): Promise<void>
  /** Answers false, and writes nothing, when the one-time code with this digest has started a session before. */
  startFromCode(session: Session, codeDigest: string): Promise<boolean>
  /**
   * Rotates the session when this generation is the current one, the session is live and its user is active; otherwise
   * answers null. Of any number of concurrent calls exactly one gets the rotated session.
   */
  rotate(
    id: SessionId,
    generation: number,
    lifetimes: SessionLifetimes,
    now: Date,
  ): Promise<Session | null>
  /**
   * Locks a session of the user until the end of the transaction, so that nothing else ends it meanwhile. Answers false
   * when it is not live.
   */
  lock(id: SessionId, user: UserId, now: Date): Promise<boolean>
  /** Records that the owner has just confirmed the password. */
  reauthenticated(id: SessionId, now: Date): Promise<void>
  /** True when this call ended a live session of that user. All instances refuse the session within 1 s. */
  end(id: SessionId, user: UserId, now: Date): Promise<boolean>
  /**
   * Ends all sessions of the user except `except`, and revokes everything that was granted before and could become one
   * (`Credentials.revoke`). Belongs in a transaction, so that the account stays locked until all of them are ended.
   */
  endAll(user: UserId, except: SessionId | null, now: Date): Promise<void>
  /**
   * Ends the live sessions of the user beyond `keep`, those that were not used for the longest time first, and appends
   * `entry` for each, with its id. At most `atOnce` of them end; the number of those that ended is answered.
   */
  endSurplus(user: UserId, surplus: Surplus, now: Date): Promise<number>
  /** One page of the live sessions of the user, newest first. It reads no more sessions than the page has. */
  ofUser(user: UserId, now: Date, page: SessionPage): Promise<Session[]>
}
