import type { IdentityProviders } from '../../ports/driven/oauth/identity-provider.ts'
import type { ListProviders } from '../../ports/driving/oauth/oauth.ts'

/** See `ListProviders`. */
export const makeListProviders =
  (providers: IdentityProviders): ListProviders =>
  () =>
    [...providers.values()].map(({ id, name }) => ({ id, name }))
