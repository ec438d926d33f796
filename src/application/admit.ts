import type { Result } from '../domain/result.ts'
import { fail, ok } from '../domain/result.ts'
import type { Client } from '../domain/session.ts'
import type { User } from '../domain/user.ts'
import type { Clock } from '../ports/driven/clock.ts'
import type { SignInRecord } from '../ports/driven/credentials.ts'
import type { Transact } from '../ports/driven/transact.ts'
import type { SignedIn } from '../ports/driving/sessions.ts'
import type { BeginSession } from './begin-session.ts'
import type { IssueTokens } from './issue-tokens.ts'

type Needs = {
  readonly transact: Transact
  readonly beginSession: BeginSession
  readonly issueTokens: IssueTokens
  readonly clock: Clock
}

/** `changed`: the hash that was verified is not the account's any more, so whether it matches has to be asked again. */
type AdmitRefusal = 'refused' | 'changed'

export type Admit = (
  verified: Pick<SignInRecord, 'user' | 'passwordHash'>,
  client: Client,
) => Promise<Result<SignedIn, AdmitRefusal>>

/**
 * Opens a session for somebody whose password was right. All that the answer depends on is looked at again under the
 * lock of the account: verifying takes a while, and neither guesses past the cap [BF6] nor a password that was
 * replaced meanwhile [SE8] may get in.
 */
export const makeAdmit =
  ({ transact, beginSession, issueTokens, clock }: Needs): Admit =>
  async ({ user: { id }, passwordHash }, client) => {
    const now = clock()
    const session = beginSession(id, client)
    const admitted = await transact<User, AdmitRefusal>(
      async ({ users, credentials, sessions, audit }) => {
        if (!(await credentials.signInSucceeded(id, client.addressPrefix, now)))
          return fail('refused')
        const [hash, user] = await Promise.all([credentials.passwordHash(id), users.find(id)])
        if (hash !== passwordHash) return fail('changed')
        if (!user?.isActive) return fail('refused')
        await Promise.all([
          sessions.start(session),
          audit.append({
            action: 'sign-in.succeeded',
            result: 'ok',
            actorId: id,
            subjectId: id,
            sessionId: session.id,
            addressPrefix: client.addressPrefix,
            at: now,
          }),
        ])
        return ok(user)
      },
    )
    if (!admitted.ok) return admitted
    const user = admitted.value
    return ok({ user, tokens: await issueTokens(session, user) })
  }
