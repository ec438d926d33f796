import type { RedirectUris } from '../domain/redirect-uri.ts'
import { isRegistered } from '../domain/redirect-uri.ts'
import { fail } from '../domain/result.ts'
import type { IdentityProviders } from '../ports/driven/identity-provider.ts'
import type { Limiter } from '../ports/driven/limiter.ts'
import type { StartOAuth } from '../ports/driving/oauth.ts'
import { beginning } from './attempt-limits.ts'
import type { Depart } from './depart.ts'
import { takeAttempt } from './take-attempt.ts'

type Needs = {
  readonly providers: IdentityProviders
  readonly redirectUris: RedirectUris
  readonly limiter: Limiter
  readonly depart: Depart
}

/** See `StartOAuth`. */
export const makeStartOAuth =
  ({ providers, redirectUris, limiter, depart }: Needs): StartOAuth =>
  async (name, request, browser, addressPrefix) => {
    const provider = providers.get(name)
    if (provider === undefined) return fail({ kind: 'unknown-provider' })
    if (!isRegistered(redirectUris, request.redirectUri))
      return fail({ kind: 'invalid-redirect-uri' })
    const attempt = await takeAttempt(limiter, beginning(addressPrefix))
    return attempt.ok ? depart(provider, request, null, browser) : attempt
  }
