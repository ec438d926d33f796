import { isLive } from '../../domain/sessions/session.ts'
import type { AccessTokens } from '../../ports/driven/sessions/access-tokens.ts'
import type { SessionStates } from '../../ports/driven/sessions/session-states.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import type { Authenticate } from '../../ports/driving/sessions/sessions.ts'

type Needs = {
  readonly accessTokens: AccessTokens
  readonly states: SessionStates
  readonly clock: Clock
}

/** See `Authenticate`. A valid signature is not enough: each call checks the session and the user [JW13]. */
export const makeAuthenticate =
  ({ accessTokens, states, clock }: Needs): Authenticate =>
  async (token) => {
    const claims = await accessTokens.verify(token)
    const state = claims && (await states.find(claims.sid))
    if (!state || state.user.id !== claims.sub) return null
    const { session, user } = state
    return isLive(session, clock()) && user.isActive
      ? { id: user.id, email: user.email, role: user.role, session }
      : null
  }
