import type { Announcement } from '../../../domain/events/user-event.ts'
import type { SessionId, UserId } from '../../../domain/shared/ids.ts'

/** Makes what must never repeat. Ids are UUID v7 (RFC 9562): they sort by time, but order nothing. */
export type Identifiers = {
  userId(): UserId
  sessionId(): SessionId
  tokenId(): string
  replayId(): string
  /** 256 random bits as base64url: nobody guesses it. */
  secret(): string
  /** For somebody who has not chosen one; random, so most likely free. */
  username(): string
  /** 16 random bytes. */
  sessionSalt(): Uint8Array
  /** A new event id with the trace of the request that is being served, if any. */
  announcement(): Announcement
}
