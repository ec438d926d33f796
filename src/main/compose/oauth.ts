import { digest } from '../../adapters/crypto/macs.ts'
import type { IdentityUseCases } from '../../adapters/http/oauth/identity-routes.ts'
import type { OAuthUseCases } from '../../adapters/http/oauth/oauth-routes.ts'
import { makeIdentityProvider } from '../../adapters/oauth/identity-provider.ts'
import { makeExchangeCode } from '../../application/oauth/exchange-code.ts'
import { makeFinishOAuth } from '../../application/oauth/finish-oauth.ts'
import { makeLinkIdentity } from '../../application/oauth/link-identity.ts'
import { makeListIdentities, makeListProviders } from '../../application/oauth/list-identities.ts'
import { makeResolveExternalIdentity } from '../../application/oauth/resolve-external-identity.ts'
import { makeStartAuthorization } from '../../application/oauth/start-authorization.ts'
import { makeContinueLink, makeStartLink } from '../../application/oauth/start-link.ts'
import { makeStartOAuth } from '../../application/oauth/start-oauth.ts'
import { makeUnlinkIdentity } from '../../application/oauth/unlink-identity.ts'
import type { RedirectUris } from '../../domain/oauth/redirect-uri.ts'
import type { IdentityProviders } from '../../ports/driven/oauth/identity-provider.ts'
import type { OAuthStores } from '../../ports/driven/oauth/one-time-store.ts'
import type { AccountsRoom } from './accounts.ts'
import type { LimitsRoom } from './limits.ts'
import type { Resources } from './resources/open-resources.ts'
import type { SessionsRoom } from './sessions.ts'

export type OAuthNeeds = {
  readonly resources: Pick<
    Resources,
    'stores' | 'transact' | 'readSessionState' | 'states' | 'identifiers' | 'measurements' | 'clock'
  >
  readonly limits: LimitsRoom
  readonly accounts: Pick<AccountsRoom, 'confusables' | 'chooseUsername'>
  readonly sessions: Pick<SessionsRoom, 'createSession' | 'issueTokens' | 'endSurplusSessions'>
  readonly providers: ProviderResources
}

/** What a sign-in through a provider needs besides the resources of all rooms. */
type ProviderResources = OAuthStores & {
  readonly providers: IdentityProviders
  readonly redirectUris: RedirectUris
  /** The public address of this service, without a slash at the end. */
  readonly publicUrl: string
}

export type OAuthRoom = OAuthUseCases & IdentityUseCases

export const composeOAuth = ({
  resources,
  limits,
  accounts,
  sessions,
  providers,
}: OAuthNeeds): OAuthRoom => {
  const needs = {
    ...resources,
    ...limits,
    ...accounts,
    ...sessions,
    ...providers,
    digest,
  }
  const startAuthorization = makeStartAuthorization(needs)
  const resolveExternalIdentity = makeResolveExternalIdentity(needs)
  return {
    listProviders: makeListProviders(providers.providers),
    startOAuth: makeStartOAuth({ ...needs, startAuthorization }),
    startLink: makeStartLink(needs),
    continueLink: makeContinueLink({ ...needs, startAuthorization }),
    finishOAuth: makeFinishOAuth({ ...needs, resolveExternalIdentity }),
    exchangeCode: makeExchangeCode({ ...needs, linkIdentity: makeLinkIdentity(needs) }),
    listIdentities: makeListIdentities(resources.stores.identities),
    unlinkIdentity: makeUnlinkIdentity(needs),
  }
}

/** The providers that are configured. None of them is asked anything before somebody signs in. */
export const openProviders = ({
  config: { providers, redirectUris, publicUrl },
  sharedMemory,
  log,
  clock,
  monotonic,
}: Pick<
  Resources,
  'config' | 'sharedMemory' | 'log' | 'clock' | 'monotonic'
>): ProviderResources => ({
  ...sharedMemory.oauthStores,
  redirectUris,
  publicUrl,
  providers: new Map(
    providers.map(({ kind, clientId, clientSecret, addresses }) => {
      const provider = makeIdentityProvider(kind, {
        log,
        clock,
        monotonic,
        digest,
        addresses,
        registration: {
          clientId,
          clientSecret: clientSecret.reveal(),
          redirectUri: `${publicUrl}/v1/auth/oauth/${kind.id}/callback`,
        },
      })
      return [provider.id, provider]
    }),
  ),
})
