import { makeAskForLink } from '../application/ask-for-link.ts'
import type { BeginSession } from '../application/begin-session.ts'
import type { ChooseUsername } from '../application/choose-username.ts'
import { makeContinueLink } from '../application/continue-link.ts'
import { makeDepart } from '../application/depart.ts'
import { makeEndReplayed } from '../application/end-replayed.ts'
import { makeExchangeCode } from '../application/exchange-code.ts'
import { makeFinishOAuth } from '../application/finish-oauth.ts'
import type { IssueTokens } from '../application/issue-tokens.ts'
import { makeLinkByGrant } from '../application/link-by-grant.ts'
import { makeListIdentities } from '../application/list-identities.ts'
import { makeListProviders } from '../application/list-providers.ts'
import { makeReceiveArrival } from '../application/receive-arrival.ts'
import { makeSignInByGrant } from '../application/sign-in-by-grant.ts'
import { makeStartOAuth } from '../application/start-oauth.ts'
import { makeUnlinkIdentity } from '../application/unlink-identity.ts'
import { makeWriteLink } from '../application/write-link.ts'
import type { RedirectUris } from '../domain/redirect-uri.ts'
import type { LinkTicket, SignInGrant, SignInTransaction } from '../domain/sign-in-grant.ts'
import type { Clock } from '../ports/driven/clock.ts'
import type { CodeStore } from '../ports/driven/code-store.ts'
import type { Digest } from '../ports/driven/digest.ts'
import type { Identifiers } from '../ports/driven/identifiers.ts'
import type { IdentityProviders } from '../ports/driven/identity-provider.ts'
import type { Limiter } from '../ports/driven/limiter.ts'
import type { Lookalikes } from '../ports/driven/lookalikes.ts'
import type { Measurements } from '../ports/driven/measurements.ts'
import type { OneTime } from '../ports/driven/one-time.ts'
import type { ReadSessionState, SessionStates } from '../ports/driven/session-states.ts'
import type { Stores, Transact } from '../ports/driven/transact.ts'

/** What signing in through providers needs of its own. */
export type OAuthSide = {
  readonly providers: IdentityProviders
  readonly redirectUris: RedirectUris
  readonly transactions: OneTime<SignInTransaction>
  readonly tickets: OneTime<LinkTicket>
  readonly codes: CodeStore<SignInGrant>
  readonly digest: Digest
  readonly publicUrl: string
}

type Needs = OAuthSide & {
  readonly stores: Stores
  readonly transact: Transact
  readonly readSessionState: ReadSessionState
  readonly states: SessionStates
  readonly limiter: Limiter
  readonly lookalikes: Lookalikes
  readonly identifiers: Identifiers
  readonly measurements: Measurements
  readonly clock: Clock
  readonly chooseUsername: ChooseUsername
  readonly beginSession: BeginSession
  readonly issueTokens: IssueTokens
}

export const makeOAuthUseCases = (needs: Needs) => {
  const departing = { ...needs, depart: makeDepart(needs) }
  const arriving = { ...needs, receiveArrival: makeReceiveArrival(needs) }
  const linking = { ...needs, writeLink: makeWriteLink(needs) }
  return {
    listProviders: makeListProviders(needs.providers),
    startOAuth: makeStartOAuth(departing),
    continueLink: makeContinueLink(departing),
    askForLink: makeAskForLink(needs),
    finishOAuth: makeFinishOAuth(arriving),
    exchangeCode: makeExchangeCode({
      ...needs,
      signInByGrant: makeSignInByGrant(linking),
      linkByGrant: makeLinkByGrant(linking),
      endReplayed: makeEndReplayed(needs),
    }),
    listIdentities: makeListIdentities(needs.stores.identities),
    unlinkIdentity: makeUnlinkIdentity(needs),
  }
}
