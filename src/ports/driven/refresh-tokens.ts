import type { SessionId } from '../../domain/ids.ts'
import type { Session } from '../../domain/session.ts'

export type RefreshTokenText = {
  readonly sessionId: SessionId
  readonly generation: number
}

/** Refresh tokens are MACs over a session's state: nothing usable is stored, and the present one can be made again. */
export type RefreshTokens = {
  issue(session: Pick<Session, 'id' | 'generation' | 'salt'>): string
  /** What the token claims to be; null when it does not have the form of one. Does no I/O. */
  read(token: string): RefreshTokenText | null
  /** True when the token was made for exactly this session and generation, by any accepted key. Constant time. */
  isGenuine(token: string, session: Pick<Session, 'id' | 'salt'>): boolean
}
