import type { Announcement } from '../../../domain/events/user-event.ts'
import type { SessionId, UserId } from '../../../domain/shared/ids.ts'

/** Makes unique and unguessable values. Ids are UUID v7 (RFC 9562). They sort by time, but nothing depends on their order. */
export type Identifiers = {
  userId(): UserId
  sessionId(): SessionId
  tokenId(): string
  replayId(): string
  /** 256 random bits as base64url. */
  secret(): string
  /** A random username for a user who has not chosen one. Most likely nobody has it. */
  username(): string
  /** 16 random bytes. */
  sessionSalt(): Uint8Array
  /** A new event id with the trace of the request that is being served, if any. */
  announcement(): Announcement
}
