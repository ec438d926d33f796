import type { Session } from '../../../domain/sessions/session.ts'
import type { SessionId } from '../../../domain/shared/ids.ts'

/** The content of a refresh token. */
export type RefreshTokenClaim = {
  readonly sessionId: SessionId
  readonly generation: number
}

/** Refresh tokens are MACs over a session's state. So no token is stored, and the current token can be issued again. */
export type RefreshTokens = {
  issue(session: Pick<Session, 'id' | 'generation' | 'salt'>): string
  /**
   * The content of a token. Null unless the token is well-formed and its outer MAC, over session and generation, shows
   * that this service issued it. Does no I/O.
   */
  read(token: string): RefreshTokenClaim | null
  /**
   * True when the inner MAC is right. It covers the session's salt too, so a leaked key alone does not make a token.
   * Takes constant time.
   */
  isGenuine(token: string, session: Pick<Session, 'id' | 'salt'>): boolean
}
