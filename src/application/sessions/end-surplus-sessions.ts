import { MAXIMUM_SESSIONS } from '../../domain/sessions/session.ts'
import type { SessionId, UserId } from '../../domain/shared/ids.ts'
import type { SessionStates } from '../../ports/driven/sessions/session-states.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import type { Stores } from '../../ports/driven/transact.ts'
import { ownAccountEntry } from '../audit/audit-entries.ts'

/** `opened` is the session that has just started. It is never one of those that end. */
export type EndSurplusSessions = (user: UserId, opened: SessionId) => Promise<void>

type Needs = { readonly stores: Stores; readonly states: SessionStates; readonly clock: Clock }

/** So that no statement takes long, whatever an account has collected before there was a limit. */
const AT_ONCE = 500

/**
 * Ends the sessions beyond the 50 of an account, each with its audit entry: those that were not used for the longest
 * time. It runs after the new session is stored. So of any number of sign-ins at once the last one sees all sessions.
 */
export const makeEndSurplusSessions =
  ({ stores, states, clock }: Needs): EndSurplusSessions =>
  async (user, opened) => {
    const now = clock()
    const entry = ownAccountEntry('session.ended', user, {
      addressPrefix: null,
      details: `more than ${MAXIMUM_SESSIONS} sessions`,
      at: now,
    })
    const surplus = { opened, keep: MAXIMUM_SESSIONS, atOnce: AT_ONCE, entry }
    let ended = 0
    do {
      ended = await stores.sessions.endSurplus(user, surplus, now)
      if (ended > 0) states.forgetUser(user)
    } while (ended === AT_ONCE)
  }
