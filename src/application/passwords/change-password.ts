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
  CheckNewPassword,
} from '../../ports/driving/passwords/passwords.ts'
import type { SessionEnded, UserContext } from '../../ports/driving/sessions/sessions.ts'
import { ownAccountEntry } from '../audit/audit-entries.ts'
import type { HashChanged } from '../shared/lock-caller.ts'
import { lockVerifiedCaller } from '../shared/lock-caller.ts'
import type { ChoosePassword } from './choose-password.ts'
import { passwordProblems } from './choose-password.ts'
import type { ConfirmPassword } from './confirm-password.ts'
import { hasCost } from './confirm-password.ts'
import { withVerifiedHash } from './with-verified-hash.ts'

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
  const { stores, states, passwords, choosePassword } = needs
  const verifyCaller = makeVerifyCaller(needs)
  const replaceHash = makeReplaceHash(needs)
  const recordRefusal = makeRecordRefusal(needs)
  return async (caller, { currentPassword, newPassword }, client) => {
    const user = await stores.users.find(caller.id)
    const username = user?.username ?? ''
    const chosen = choosePassword(newPassword, 'newPassword', { email: caller.email, username })
    if (!chosen.ok) return chosen
    let newHash: string | null = null
    const changed = await withVerifiedHash(
      () => verifyCaller(caller, currentPassword, client),
      async (verifiedHash) => {
        newHash ??= await passwords.hash(chosen.value, client.addressPrefix)
        return replaceHash(caller, client, verifiedHash, newHash)
      },
    )
    if (!changed.ok && hasCost(changed.refusal)) await recordRefusal(caller, client)
    states.forgetUser(caller.id)
    return changed
  }
}

/** See `CheckNewPassword`. */
export const makeCheckNewPassword =
  ({
    stores,
    choosePassword,
  }: {
    readonly stores: Pick<Stores, 'users'>
    readonly choosePassword: ChoosePassword
  }): CheckNewPassword =>
  async ({ id, email }, newPassword) => {
    const username = (await stores.users.find(id))?.username ?? ''
    const chosen = choosePassword(newPassword, 'newPassword', { email, username })
    return chosen.ok ? [] : passwordProblems(chosen.refusal)
  }

/**
 * Verifies the caller by the current password, or by a recent sign-in when the account has no password. Answers the hash
 * that was verified.
 */
const makeVerifyCaller =
  ({ stores, confirmPassword, clock }: Needs) =>
  async (
    caller: UserContext,
    currentPassword: string | null,
    client: Client,
  ): Promise<Result<string | null, ChangePasswordRefusal>> => {
    const hash = await stores.credentials.passwordHash(caller.id)
    if (hash === null)
      return isRecentlyAuthenticated(caller.session, clock())
        ? ok(null)
        : fail({ kind: 'recent-login-required' })
    // A password that was left out is a wrong one, and uses the budget like it.
    const confirmed = await confirmPassword(caller, currentPassword ?? '', hash, client)
    return confirmed.ok ? ok(hash) : confirmed
  }

/** Replaces exactly the hash that was verified, and ends the other sessions, with an audit entry. */
const makeReplaceHash =
  ({ transact, clock }: Needs) =>
  async (
    caller: UserContext,
    client: Client,
    verifiedHash: string | null,
    newHash: string,
  ): Promise<Result<null, SessionEnded | HashChanged>> => {
    const now = clock()
    return transact<null, SessionEnded | HashChanged>(async (bound) => {
      const { credentials, sessions, audit } = bound
      const locked = await lockVerifiedCaller(bound, caller, verifiedHash, now)
      if (!locked.ok) return locked
      await credentials.setPasswordHash(caller.id, newHash)
      await sessions.endAll(caller.id, caller.session.id, now)
      await audit.append(changeEntry(caller, client, 'ok', now))
      return ok(null)
    })
  }

const makeRecordRefusal =
  ({ stores, clock }: Needs) =>
  (caller: UserContext, client: Client): Promise<void> =>
    stores.audit.append(changeEntry(caller, client, 'refused', clock()))

const changeEntry = (
  { id, session }: UserContext,
  { addressPrefix }: Client,
  result: 'ok' | 'refused',
  at: Date,
) => ownAccountEntry('password.changed', id, { result, sessionId: session.id, addressPrefix, at })
