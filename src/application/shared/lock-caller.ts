import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { LockedAccount } from '../../ports/driven/passwords/credentials.ts'
import type { Stores } from '../../ports/driven/transact.ts'
import type { SessionEnded, UserContext } from '../../ports/driving/sessions/sessions.ts'

/** The stored hash is not the one that was verified. */
export type HashChanged = { readonly kind: 'hash-changed' }

/**
 * Locks the account and the session of a caller until the end of the transaction. The caller was let in, and perhaps
 * verified, some time ago. So a change that only its owner may make is decided on what is true under these locks [PW12].
 * Locks of other users come before, and the writes come after.
 */
export const lockCaller = async (
  { credentials, sessions }: Pick<Stores, 'credentials' | 'sessions'>,
  { id, session }: UserContext,
  now: Date,
): Promise<Result<LockedAccount, SessionEnded>> => {
  const account = await credentials.lock(id)
  return account !== null && (await sessions.lock(session.id, id, now))
    ? ok(account)
    : fail({ kind: 'session-ended' })
}

/**
 * The same for a caller whose password was compared with `verifiedHash`. A hash that changed is reported first: the password
 * that was verified is no longer the password.
 */
export const lockVerifiedCaller = async (
  { credentials, sessions }: Pick<Stores, 'credentials' | 'sessions'>,
  { id, session }: UserContext,
  verifiedHash: string | null,
  now: Date,
): Promise<Result<null, HashChanged | SessionEnded>> => {
  const account = await credentials.lock(id)
  if (account === null) return fail({ kind: 'session-ended' })
  if (account.passwordHash !== verifiedHash) return fail({ kind: 'hash-changed' })
  return (await sessions.lock(session.id, id, now)) ? ok(null) : fail({ kind: 'session-ended' })
}
