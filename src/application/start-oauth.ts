import type { RedirectUris } from '../domain/redirect-uri.ts'
import { isRegistered } from '../domain/redirect-uri.ts'
import { fail } from '../domain/result.ts'
import type { IdentityProviders } from '../ports/driven/identity-provider.ts'
import type { StartOAuth } from '../ports/driving/oauth.ts'
import type { Depart } from './depart.ts'

type Needs = {
  readonly providers: IdentityProviders
  readonly redirectUris: RedirectUris
  readonly depart: Depart
}

/** See `StartOAuth`. */
export const makeStartOAuth =
  ({ providers, redirectUris, depart }: Needs): StartOAuth =>
  async (name, request, browser) => {
    const provider = providers.get(name)
    if (provider === undefined) return fail({ kind: 'unknown-provider' })
    if (!isRegistered(redirectUris, request.redirectUri))
      return fail({ kind: 'invalid-redirect-uri' })
    return depart(provider, request, null, browser)
  }
