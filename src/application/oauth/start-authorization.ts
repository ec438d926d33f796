import type { ProviderFailure } from '../../domain/oauth/provider.ts'
import type {
  ClientRequest,
  LinkRequest,
  SignInTransaction,
} from '../../domain/oauth/sign-in-grant.ts'
import type { Result } from '../../domain/shared/result.ts'
import { ok } from '../../domain/shared/result.ts'
import type { IdentityProvider } from '../../ports/driven/oauth/identity-provider.ts'
import type { OneTimeStore } from '../../ports/driven/oauth/one-time-store.ts'
import type { Digest } from '../../ports/driven/shared/digest.ts'
import type { Identifiers } from '../../ports/driven/shared/identifiers.ts'
import type { AuthorizationStart } from '../../ports/driving/oauth/oauth.ts'

type Needs = {
  readonly transactions: OneTimeStore<SignInTransaction>
  readonly identifiers: Identifiers
  readonly digest: Digest
}

export type StartAuthorization = (
  provider: IdentityProvider,
  request: ClientRequest,
  link: LinkRequest | null,
) => Promise<Result<AuthorizationStart, ProviderFailure>>

/**
 * Stores a transaction for ten minutes and answers the provider's URL. Each sign-in has its own secret in the browser, so that
 * several can be under way, also when they begin at the same moment [OA31].
 */
export const makeStartAuthorization =
  ({ transactions, identifiers, digest }: Needs): StartAuthorization =>
  async (provider, request, link) => {
    const { redirectUri, state: clientState, codeChallenge } = request
    const browser = identifiers.secret()
    const verifier = identifiers.secret()
    const nonce = identifiers.secret()
    const state = await transactions.keep({
      redirectUri,
      state: clientState,
      codeChallenge,
      provider: provider.id,
      verifier,
      nonce,
      browser: digest(browser),
      link,
    })
    const location = await provider.authorizationUrl({ state, nonce, verifier })
    return location.ok ? ok({ location: location.value, state, browser }) : location
  }
