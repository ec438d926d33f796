import type { User } from '../../domain/accounts/user.ts'
import type { SignInGrant } from '../../domain/oauth/sign-in-grant.ts'
import type { Client } from '../../domain/sessions/session.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { SessionStates } from '../../ports/driven/sessions/session-states.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import type { Stores, Transact } from '../../ports/driven/transact.ts'
import type { Exchanged, ExchangeRefusal } from '../../ports/driving/oauth/oauth.ts'
import type { BeginSession } from '../sessions/begin-session.ts'
import type { IssueTokens } from '../sessions/issue-tokens.ts'
import type { WriteLink } from './write-link.ts'

type Grant = Extract<SignInGrant, { readonly kind: 'sign-in' }>
type Refusal = Extract<ExchangeRefusal, { readonly kind: 'invalid-grant' | 'bad-credentials' }>

type Needs = {
  readonly transact: Transact
  readonly states: SessionStates
  readonly beginSession: BeginSession
  readonly issueTokens: IssueTokens
  readonly writeLink: WriteLink
  readonly clock: Clock
}

export type SignInByGrant = (
  grant: Grant,
  codeDigest: string,
  client: Client,
) => Promise<Result<Exchanged, Refusal>>

/** Begins the session that a code was made for, and links first what was found to belong to the account. */
export const makeSignInByGrant = (needs: Needs): SignInByGrant => {
  const { transact, states, beginSession, issueTokens, clock } = needs
  const admitted = makeAdmitted(needs)
  return async (grant, codeDigest, client) => {
    const session = { ...beginSession(grant.userId, client), id: grant.sessionId }
    const entered = await transact<User, Refusal>(async (stores) => {
      const user = await admitted(stores, grant, client)
      if (!user.ok) return user
      // A code that came back to life with an old copy of its store begins no second session.
      if (!(await stores.sessions.startFromCode(session, codeDigest)))
        return fail({ kind: 'invalid-grant' })
      await stores.credentials.signInSucceeded(grant.userId, client.addressPrefix, clock())
      await stores.audit.append(entryOf(grant, client, 'ok', clock()))
      return user
    })
    if (!entered.ok) {
      await transact(async ({ audit }) => {
        await audit.append(entryOf(grant, client, 'refused', clock()))
        return ok(null)
      })
      return entered
    }
    if (grant.joins !== null) states.forgetUser(grant.userId)
    const signedIn = { user: entered.value, tokens: await issueTokens(session, entered.value) }
    return ok({ kind: 'signed-in', signedIn, created: grant.created })
  }
}

const makeAdmitted =
  ({ writeLink }: Needs) =>
  async (
    stores: Stores,
    { userId, provider, sessionId, joins }: Grant,
    { addressPrefix }: Client,
  ): Promise<Result<User, Refusal>> => {
    const user = await stores.users.find(userId)
    if (user === null) return fail({ kind: 'invalid-grant' })
    if (!user.isActive) return fail({ kind: 'bad-credentials' })
    if (joins === null) return ok(user)
    if (user.version !== joins.version) return fail({ kind: 'invalid-grant' })
    const author = { sessionId, addressPrefix }
    const linked = await writeLink(stores, user, { provider, ...joins }, author)
    return linked.ok ? linked : fail({ kind: 'invalid-grant' })
  }

const entryOf = (
  { userId, provider, sessionId }: Grant,
  { addressPrefix }: Client,
  result: 'ok' | 'refused',
  at: Date,
) =>
  ({
    action: result === 'ok' ? 'sign-in.succeeded' : 'sign-in.failed',
    ...{ result, at, sessionId, addressPrefix, subjectId: userId },
    actorId: result === 'ok' ? userId : null,
    details: `through ${provider}`,
  }) as const
