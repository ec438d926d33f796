import { ok } from '../../domain/shared/result.ts'
import type { SessionStates } from '../../ports/driven/sessions/session-states.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import type { Stores, Transact } from '../../ports/driven/transact.ts'
import type { Reauthenticate } from '../../ports/driving/sessions/sessions.ts'
import { ownAccountEntry } from '../audit/audit-entries.ts'
import type { ConfirmPassword } from '../passwords/confirm-password.ts'

type Needs = {
  readonly stores: Stores
  readonly transact: Transact
  readonly states: SessionStates
  readonly confirmPassword: ConfirmPassword
  readonly clock: Clock
}

/** See `Reauthenticate`. */
export const makeReauthenticate =
  ({ stores, transact, states, confirmPassword, clock }: Needs): Reauthenticate =>
  async (caller, password, client) => {
    const hash = await stores.credentials.passwordHash(caller.id)
    const confirmed = await confirmPassword(caller, password, hash, client)
    const now = clock()
    await transact(async ({ sessions, audit }) => {
      if (confirmed.ok) await sessions.reauthenticated(caller.session.id, now)
      await audit.append(
        ownAccountEntry('session.reauthenticated', caller.id, {
          result: confirmed.ok ? 'ok' : 'refused',
          sessionId: caller.session.id,
          addressPrefix: client.addressPrefix,
          at: now,
        }),
      )
      return ok(null)
    })
    states.forgetSession(caller.session.id)
    return confirmed
  }
