import { randomBytes } from 'node:crypto'
import { v7 as uuidV7 } from 'uuid'
import type { EventId, SessionId, UserId } from '../../domain/shared/ids.ts'
import type { Identifiers } from '../../ports/driven/shared/identifiers.ts'

const SALT_BYTES = 16
const SECRET_BYTES = 32
const USERNAME_LETTERS = 10
// No two letters that look alike, and no vowels, so that no word appears.
const LETTERS = 'bcdfghjkpqrstvxz'

const letters = (count: number): string =>
  [...randomBytes(count)].map((byte) => LETTERS[byte % LETTERS.length]).join('')

/** Ids, secrets and salts from the runtime's secure random source. */
export const makeIdentifiers = (traceparent: () => string | null): Identifiers => ({
  userId: () => uuidV7() as UserId,
  sessionId: () => uuidV7() as SessionId,
  tokenId: () => uuidV7(),
  replayId: () => uuidV7(),
  secret: () => randomBytes(SECRET_BYTES).toString('base64url'),
  username: () => `user-${letters(USERNAME_LETTERS)}`,
  sessionSalt: () => new Uint8Array(randomBytes(SALT_BYTES)),
  announcement: () => ({ eventId: uuidV7() as EventId, traceparent: traceparent() }),
})
