import type { Client } from '../../domain/sessions/session.ts'
import type { Result } from '../../domain/shared/result.ts'
import { ok } from '../../domain/shared/result.ts'
import type { SessionStates } from '../../ports/driven/sessions/session-states.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import type { Stores, Transact } from '../../ports/driven/transact.ts'
import type {
  Reauthenticate,
  SessionEnded,
  UserContext,
} from '../../ports/driving/sessions/sessions.ts'
import { ownAccountEntry } from '../audit/audit-entries.ts'
import type { ConfirmPassword } from '../passwords/confirm-password.ts'
import { hasCost } from '../passwords/confirm-password.ts'
import { withVerifiedHash } from '../passwords/with-verified-hash.ts'
import type { HashChanged } from '../shared/lock-caller.ts'
import { lockVerifiedCaller } from '../shared/lock-caller.ts'

type Needs = {
  readonly stores: Stores
  readonly transact: Transact
  readonly states: SessionStates
  readonly confirmPassword: ConfirmPassword
  readonly clock: Clock
}

/** See `Reauthenticate`. */
export const makeReauthenticate = (needs: Needs): Reauthenticate => {
  const { stores, states, confirmPassword, clock } = needs
  const recordConfirmation = makeRecordConfirmation(needs)
  return async (caller, password, client) => {
    const confirmed = await withVerifiedHash(
      async () => {
        const hash = await stores.credentials.passwordHash(caller.id)
        const matched = await confirmPassword(caller, password, hash, client)
        return matched.ok ? ok(hash) : matched
      },
      (verifiedHash) => recordConfirmation(caller, client, verifiedHash),
    )
    if (!confirmed.ok && hasCost(confirmed.refusal))
      await stores.audit.append(confirmationEntry(caller, client, 'refused', clock()))
    states.forgetSession(caller.session.id)
    return confirmed
  }
}

/** Makes the session a recent sign-in, if the password is still the one that was verified. */
const makeRecordConfirmation =
  ({ transact, clock }: Needs) =>
  async (
    caller: UserContext,
    client: Client,
    verifiedHash: string | null,
  ): Promise<Result<null, SessionEnded | HashChanged>> => {
    const now = clock()
    return transact<null, SessionEnded | HashChanged>(async (bound) => {
      const locked = await lockVerifiedCaller(bound, caller, verifiedHash, now)
      if (!locked.ok) return locked
      await bound.sessions.reauthenticated(caller.session.id, now)
      await bound.audit.append(confirmationEntry(caller, client, 'ok', now))
      return ok(null)
    })
  }

const confirmationEntry = (
  { id, session }: UserContext,
  { addressPrefix }: Client,
  result: 'ok' | 'refused',
  at: Date,
) =>
  ownAccountEntry('session.reauthenticated', id, {
    result,
    sessionId: session.id,
    addressPrefix,
    at,
  })
