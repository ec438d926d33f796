import type { Identities } from '../../ports/driven/oauth/identities.ts'
import type { ListIdentities } from '../../ports/driving/oauth/oauth.ts'

/** See `ListIdentities`. */
export const makeListIdentities =
  (identities: Identities): ListIdentities =>
  async ({ id }) =>
    (await identities.ofUser(id)).map(({ provider, linkedAt, email }) => ({
      ...{ provider, linkedAt, email },
    }))
