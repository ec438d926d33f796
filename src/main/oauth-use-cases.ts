import type { ChooseUsername } from '../application/accounts/choose-username.ts'
import { makeAskForLink } from '../application/oauth/ask-for-link.ts'
import { makeContinueLink } from '../application/oauth/continue-link.ts'
import { makeExchangeCode } from '../application/oauth/exchange-code.ts'
import { makeFinishOAuth } from '../application/oauth/finish-oauth.ts'
import { makeLinkByGrant } from '../application/oauth/link-by-grant.ts'
import { makeListIdentities } from '../application/oauth/list-identities.ts'
import { makeListProviders } from '../application/oauth/list-providers.ts'
import { makeReceiveArrival } from '../application/oauth/resolve-external-identity.ts'
import { makeEndReplayed } from '../application/oauth/revoke-on-code-replay.ts'
import { makeSignInByGrant } from '../application/oauth/sign-in-by-grant.ts'
import { makeDepart } from '../application/oauth/start-authorization.ts'
import { makeStartOAuth } from '../application/oauth/start-oauth.ts'
import { makeUnlinkIdentity } from '../application/oauth/unlink-identity.ts'
import { makeWriteLink } from '../application/oauth/write-link.ts'
import type { BeginSession } from '../application/sessions/begin-session.ts'
import type { IssueTokens } from '../application/sessions/issue-tokens.ts'
import type { RedirectUris } from '../domain/oauth/redirect-uri.ts'
import type { LinkTicket, SignInGrant, SignInTransaction } from '../domain/oauth/sign-in-grant.ts'
import type { Lookalikes } from '../ports/driven/accounts/lookalikes.ts'
import type { Limiter } from '../ports/driven/limits/limiter.ts'
import type { CodeStore } from '../ports/driven/oauth/code-store.ts'
import type { IdentityProviders } from '../ports/driven/oauth/identity-provider.ts'
import type { OneTime } from '../ports/driven/oauth/one-time.ts'
import type { OAuthMeasurements } from '../ports/driven/oauth/oauth-measurements.ts'
import type { ReadSessionState, SessionStates } from '../ports/driven/sessions/session-states.ts'
import type { Clock } from '../ports/driven/shared/clock.ts'
import type { Digest } from '../ports/driven/shared/digest.ts'
import type { Identifiers } from '../ports/driven/shared/identifiers.ts'
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
  readonly measurements: OAuthMeasurements
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
