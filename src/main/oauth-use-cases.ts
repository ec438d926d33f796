import type { ChooseUsername } from '../application/accounts/choose-username.ts'
import { makeExchangeCode } from '../application/oauth/exchange-code.ts'
import { makeFinishOAuth } from '../application/oauth/finish-oauth.ts'
import { makeLinkIdentity } from '../application/oauth/link-identity.ts'
import { makeListIdentities, makeListProviders } from '../application/oauth/list-identities.ts'
import { makeResolveExternalIdentity } from '../application/oauth/resolve-external-identity.ts'
import { makeStartAuthorization } from '../application/oauth/start-authorization.ts'
import { makeContinueLink, makeStartLink } from '../application/oauth/start-link.ts'
import { makeStartOAuth } from '../application/oauth/start-oauth.ts'
import { makeUnlinkIdentity } from '../application/oauth/unlink-identity.ts'
import type { IssueTokens } from '../application/sessions/issue-tokens.ts'
import type { CreateSession } from '../application/sessions/open-session.ts'
import type { RedirectUris } from '../domain/oauth/redirect-uri.ts'
import type { Confusables } from '../ports/driven/accounts/users.ts'
import type { Limiter } from '../ports/driven/limits/limiter.ts'
import type { IdentityProviders } from '../ports/driven/oauth/identity-provider.ts'
import type { OAuthMeasurements } from '../ports/driven/oauth/oauth-measurements.ts'
import type { OAuthStores } from '../ports/driven/oauth/one-time-store.ts'
import type { ReadSessionState, SessionStates } from '../ports/driven/sessions/session-states.ts'
import type { Clock } from '../ports/driven/shared/clock.ts'
import type { Digest } from '../ports/driven/shared/digest.ts'
import type { Identifiers } from '../ports/driven/shared/identifiers.ts'
import type { Stores, Transact } from '../ports/driven/transact.ts'

/** What signing in through providers needs of its own. */
export type OAuthSide = OAuthStores & {
  readonly providers: IdentityProviders
  readonly redirectUris: RedirectUris
  readonly digest: Digest
  readonly publicUrl: string
}

type Needs = OAuthSide & {
  readonly stores: Stores
  readonly transact: Transact
  readonly readSessionState: ReadSessionState
  readonly states: SessionStates
  readonly limiter: Limiter
  readonly confusables: Confusables
  readonly identifiers: Identifiers
  readonly measurements: OAuthMeasurements
  readonly clock: Clock
  readonly chooseUsername: ChooseUsername
  readonly createSession: CreateSession
  readonly issueTokens: IssueTokens
}

export const makeOAuthUseCases = (needs: Needs) => {
  const startAuthorization = makeStartAuthorization(needs)
  return {
    listProviders: makeListProviders(needs.providers),
    startOAuth: makeStartOAuth({ ...needs, startAuthorization }),
    startLink: makeStartLink(needs),
    continueLink: makeContinueLink({ ...needs, startAuthorization }),
    finishOAuth: makeFinishOAuth({
      ...needs,
      resolveExternalIdentity: makeResolveExternalIdentity(needs),
    }),
    exchangeCode: makeExchangeCode({ ...needs, linkIdentity: makeLinkIdentity(needs) }),
    listIdentities: makeListIdentities(needs.stores.identities),
    unlinkIdentity: makeUnlinkIdentity(needs),
  }
}
