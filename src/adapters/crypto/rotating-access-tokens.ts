import type { AccessTokens } from '../../ports/driven/sessions/access-tokens.ts'
import type { SigningKeys } from './signing-keys.ts'
import { publicJwks } from './signing-keys.ts'

/** Access tokens whose keys can be changed while they are in use. */
export type RotatingAccessTokens = {
  readonly accessTokens: AccessTokens
  /** The public halves as a JWK set. */
  jwks(): object
  /** From its return on, tokens are made and verified with these keys. */
  replaceKeys(keys: SigningKeys): Promise<void>
}

export const makeRotatingAccessTokens = async (
  keys: SigningKeys,
  make: (keys: SigningKeys) => Promise<AccessTokens>,
): Promise<RotatingAccessTokens> => {
  let present = { keys, tokens: await make(keys) }
  return {
    accessTokens: {
      lifetimeSeconds: present.tokens.lifetimeSeconds,
      issue: (claims) => present.tokens.issue(claims),
      verify: (token) => present.tokens.verify(token),
    },
    jwks: () => publicJwks(present.keys),
    replaceKeys: async (changed) => {
      present = { keys: changed, tokens: await make(changed) }
    },
  }
}
