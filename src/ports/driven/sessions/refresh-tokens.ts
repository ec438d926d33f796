import type { Session } from '../../../domain/sessions/session.ts'
import type { SessionId } from '../../../domain/shared/ids.ts'

export type RefreshTokenText = {
  readonly sessionId: SessionId
  readonly generation: number
}

/** Refresh tokens are MACs over a session's state: nothing usable is stored, and the present one can be made again. */
export type RefreshTokens = {
  issue(session: Pick<Session, 'id' | 'generation' | 'salt'>): string
  /**
   * What the token says; null unless it has the form of one and this service made it: the outer MAC, over session and
   * generation, is checked here, before any I/O.
   */
  read(token: string): RefreshTokenText | null
  /** True when the inner MAC, over the session's salt too, is right: a leaked key alone makes no token. Constant time. */
  isGenuine(token: string, session: Pick<Session, 'id' | 'salt'>): boolean
}
