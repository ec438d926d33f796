import type { Client } from '../../domain/sessions/session.ts'
import { isRecentlyAuthenticated } from '../../domain/sessions/session.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { Passwords } from '../../ports/driven/passwords/passwords.ts'
import type { SessionStates } from '../../ports/driven/sessions/session-states.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import type { Stores, Transact } from '../../ports/driven/transact.ts'
import type {
  ChangePassword,
  ChangePasswordRefusal,
} from '../../ports/driving/passwords/passwords.ts'
import type { UserContext } from '../../ports/driving/sessions/sessions.ts'
import { ownAccountEntry } from '../audit/audit-entries.ts'
import type { ChoosePassword } from './choose-password.ts'
import type { ConfirmPassword } from './confirm-password.ts'

type Needs = {
  readonly stores: Stores
  readonly transact: Transact
  readonly states: SessionStates
  readonly passwords: Passwords
  readonly choosePassword: ChoosePassword
  readonly confirmPassword: ConfirmPassword
  readonly clock: Clock
}

/** See `ChangePassword`. The published state does not change, so no user event goes out. The audit trail has an entry. */
export const makeChangePassword = (needs: Needs): ChangePassword => {
  const { stores, passwords, choosePassword } = needs
  const verifyCaller = makeVerifyCaller(needs)
  const store = makeStore(needs)
  return async (caller, { currentPassword, newPassword }, client) => {
    const user = await stores.users.find(caller.id)
    const username = user?.username ?? ''
    const chosen = choosePassword(newPassword, 'newPassword', { email: caller.email, username })
    if (!chosen.ok) return chosen
    const verified = await verifyCaller(caller, currentPassword, client)
    if (!verified.ok) {
      await store(caller, client, null)
      return verified
    }
    await store(caller, client, await passwords.hash(chosen.value, client.addressPrefix))
    return ok(null)
  }
}

/** Verifies the caller by the current password, or by a recent sign-in when the account has no password. */
const makeVerifyCaller =
  ({ stores, confirmPassword, clock }: Needs) =>
  async (
    caller: UserContext,
    currentPassword: string | null,
    client: Client,
  ): Promise<Result<null, ChangePasswordRefusal>> => {
    const hash = await stores.credentials.passwordHash(caller.id)
    if (hash === null)
      return isRecentlyAuthenticated(caller.session, clock())
        ? ok(null)
        : fail({ kind: 'recent-login-required' })
    return currentPassword === null
      ? fail({ kind: 'wrong-password' })
      : confirmPassword(caller, currentPassword, hash, client)
  }

/** Stores the new hash and ends the other sessions, with an audit entry. Null is a refused change: only the entry is written. */
const makeStore =
  ({ transact, states, clock }: Needs) =>
  async (caller: UserContext, client: Client, newHash: string | null): Promise<void> => {
    const now = clock()
    await transact(async ({ credentials, sessions, audit }) => {
      if (newHash !== null) {
        await credentials.setPasswordHash(caller.id, newHash)
        await sessions.endAll(caller.id, caller.session.id, now)
      }
      await audit.append(
        ownAccountEntry('password.changed', caller.id, {
          result: newHash === null ? 'refused' : 'ok',
          sessionId: caller.session.id,
          addressPrefix: client.addressPrefix,
          at: now,
        }),
      )
      return ok(null)
    })
    if (newHash !== null) states.forgetUser(caller.id)
  }
