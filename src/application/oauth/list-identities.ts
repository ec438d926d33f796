import type { Identities } from '../../ports/driven/oauth/identities.ts'
import type { IdentityProviders } from '../../ports/driven/oauth/identity-provider.ts'
import type { ListIdentities, ListProviders } from '../../ports/driving/oauth/oauth.ts'

/** See `ListIdentities`. Leaves out the subject, which is the provider's own id of the person. */
export const makeListIdentities =
  (identities: Identities): ListIdentities =>
  async ({ id }) => {
    const linked = await identities.ofUser(id)
    return linked.map(({ provider, linkedAt, email }) => ({ provider, linkedAt, email }))
  }

/** See `ListProviders`. */
export const makeListProviders =
  (providers: IdentityProviders): ListProviders =>
  () =>
    [...providers.values()].map(({ id, name }) => ({ id, name }))
