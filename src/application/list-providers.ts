import type { IdentityProviders } from '../ports/driven/identity-provider.ts'
import type { ListProviders } from '../ports/driving/oauth.ts'

/** See `ListProviders`. */
export const makeListProviders =
  (providers: IdentityProviders): ListProviders =>
  () =>
    [...providers.values()].map(({ id, name }) => ({ id, name }))
