import type { SessionId, UserId } from '../../domain/shared/ids.ts'
import type { RefreshTokens } from '../../ports/driven/sessions/refresh-tokens.ts'
import type { ReadSessionState } from '../../ports/driven/sessions/session-states.ts'
import type { SignOut } from '../../ports/driving/sessions/sessions.ts'
import type { EndOneSession } from './end-one-session.ts'

type Needs = {
  readonly readSessionState: ReadSessionState
  readonly refreshTokens: RefreshTokens
  readonly endOneSession: EndOneSession
}

/** See `SignOut`: any token that was ever made for the session ends it, since signing out must work when it is needed. */
export const makeSignOut = ({ readSessionState, refreshTokens, endOneSession }: Needs): SignOut => {
  const ownerOf = async (token: string): Promise<[SessionId, UserId] | null> => {
    const claim = refreshTokens.read(token)
    const state = claim && (await readSessionState(claim.sessionId))
    return state && refreshTokens.isGenuine(token, state.session)
      ? [state.session.id, state.user.id]
      : null
  }
  return async (refreshToken, caller) => {
    const named = refreshToken === null ? null : await ownerOf(refreshToken)
    if (named !== null) await endOneSession(...named)
    else if (caller !== null) await endOneSession(caller.session.id, caller.id)
  }
}
