import { ok } from '../../domain/shared/result.ts'
import type { SessionStates } from '../../ports/driven/sessions/session-states.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import type { Transact } from '../../ports/driven/transact.ts'
import type { SignOutEverywhere } from '../../ports/driving/sessions/sessions.ts'
import { ownAccountEntry } from '../audit/audit-entries.ts'

type Needs = { readonly transact: Transact; readonly states: SessionStates; readonly clock: Clock }

/** See `SignOutEverywhere`. */
export const makeSignOutEverywhere =
  ({ transact, states, clock }: Needs): SignOutEverywhere =>
  async (caller) => {
    const { id: sessionId, addressPrefix } = caller.session
    const now = clock()
    await transact(async ({ sessions, audit }) => {
      await sessions.endAll(caller.id, null, now)
      await audit.append(
        ownAccountEntry('session.all-ended', caller.id, { sessionId, addressPrefix, at: now }),
      )
      return ok(null)
    })
    states.forgetUser(caller.id)
  }
