import type { RedirectUris } from '../../domain/oauth/redirect-uri.ts'
import { isRegistered } from '../../domain/oauth/redirect-uri.ts'
import { fail } from '../../domain/shared/result.ts'
import type { Limiter } from '../../ports/driven/limits/limiter.ts'
import type { IdentityProviders } from '../../ports/driven/oauth/identity-provider.ts'
import type { StartOAuth } from '../../ports/driving/oauth/oauth.ts'
import { authorizationBudgets, takeAttempt } from '../limits/take-attempt.ts'
import type { StartAuthorization } from './start-authorization.ts'

type Needs = {
  readonly providers: IdentityProviders
  readonly redirectUris: RedirectUris
  readonly limiter: Limiter
  readonly startAuthorization: StartAuthorization
}

/** See `StartOAuth`. */
export const makeStartOAuth =
  ({ providers, redirectUris, limiter, startAuthorization }: Needs): StartOAuth =>
  async (providerId, request, addressPrefix) => {
    const provider = providers.get(providerId)
    if (provider === undefined) return fail({ kind: 'unknown-provider' })
    if (!isRegistered(redirectUris, request.redirectUri))
      return fail({ kind: 'invalid-redirect-uri' })
    const attempt = await takeAttempt(limiter, authorizationBudgets(addressPrefix))
    return attempt.ok ? startAuthorization(provider, request, null) : attempt
  }
