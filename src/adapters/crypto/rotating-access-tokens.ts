import type { AccessTokens } from '../../ports/driven/sessions/access-tokens.ts'
import type { SigningKeys } from './signing-keys.ts'
import { publicJwks } from './signing-keys.ts'

/** Access tokens whose keys can be changed while they are in use. */
export type RotatingAccessTokens = {
  readonly accessTokens: AccessTokens
  /** The public halves as a JWK set. */
  jwks(): object
  /** After this resolves, tokens are issued and verified with these keys. */
  replaceKeys(keys: SigningKeys): Promise<void>
}

export const makeRotatingAccessTokens = async (
  keys: SigningKeys,
  make: (keys: SigningKeys) => Promise<AccessTokens>,
): Promise<RotatingAccessTokens> => {
  let current = { keys, tokens: await make(keys) }
  return {
    accessTokens: {
      lifetimeSeconds: current.tokens.lifetimeSeconds,
      issue: (claims) => current.tokens.issue(claims),
      verify: (token) => current.tokens.verify(token),
    },
    jwks: () => publicJwks(current.keys),
    replaceKeys: async (changed) => {
      current = { keys: changed, tokens: await make(changed) }
    },
  }
}
