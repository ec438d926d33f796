import type { RefreshTokens } from '../../ports/driven/sessions/refresh-tokens.ts'
import type { ReadSessionState, SessionState } from '../../ports/driven/sessions/session-states.ts'
import type { SignOut } from '../../ports/driving/sessions/sessions.ts'
import type { RevokeSession } from './end-session.ts'

type Needs = {
  readonly readSessionState: ReadSessionState
  readonly refreshTokens: RefreshTokens
  readonly revokeSession: RevokeSession
}

/** See `SignOut`. Every token that was ever issued for the session ends it, so that signing out always works. */
export const makeSignOut = ({ readSessionState, refreshTokens, revokeSession }: Needs): SignOut => {
  const sessionOf = async (token: string): Promise<SessionState | null> => {
    const claim = refreshTokens.read(token)
    const state = claim && (await readSessionState(claim.sessionId))
    return state && refreshTokens.isGenuine(token, state.session) ? state : null
  }
  return async (refreshToken, caller) => {
    const state = refreshToken === null ? null : await sessionOf(refreshToken)
    if (state !== null) await revokeSession(state.session.id, state.user.id)
    else if (caller !== null) await revokeSession(caller.session.id, caller.id)
  }
}
