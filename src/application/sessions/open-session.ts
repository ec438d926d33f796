import type { Client } from '../../domain/sessions/session.ts'
import type { UserId } from '../../domain/shared/ids.ts'
import type { Stores } from '../../ports/driven/transact.ts'
import type { SignedIn } from '../../ports/driving/sessions/sessions.ts'
import type { BeginSession } from './begin-session.ts'
import type { IssueTokens } from './issue-tokens.ts'
import { ownBeginning } from './session-started-entry.ts'

type Needs = {
  readonly stores: Stores
  readonly beginSession: BeginSession
  readonly issueTokens: IssueTokens
}

/** Null when the account is not as it was while the password was verified: it has to be looked at again. */
export type Admit = (id: UserId, passwordHash: string, client: Client) => Promise<SignedIn | null>

/**
 * Opens a session for somebody whose password was right. All that the answer depends on is looked at again under the
 * lock of the account: verifying takes a while, and neither guesses past the cap [BF6] nor a password that was
 * replaced meanwhile [SE8] may get in.
 */
export const makeAdmit =
  ({ stores, beginSession, issueTokens }: Needs): Admit =>
  async (id, passwordHash, client) => {
    const { addressPrefix } = client
    const session = beginSession(id, client)
    const entry = ownBeginning('sign-in.succeeded', session, addressPrefix)
    const user = await stores.admissions.admit({ session, passwordHash, addressPrefix, entry })
    return user && { user, tokens: await issueTokens(session, user) }
  }
