import type { SigningKeys } from '../adapters/crypto/signing-keys.ts'
import { publicJwks } from '../adapters/crypto/signing-keys.ts'
import type { AccessTokens } from '../ports/driven/sessions/access-tokens.ts'

/** Access tokens whose keys can be changed while they are in use. */
export type LiveAccessTokens = {
  readonly accessTokens: AccessTokens
  /** The public halves as a JWK set. */
  jwks(): object
  /** From its return on, tokens are made and verified with these keys. */
  replaceKeys(keys: SigningKeys): Promise<void>
}

export const openAccessTokens = async (
  keys: SigningKeys,
  make: (keys: SigningKeys) => Promise<AccessTokens>,
): Promise<LiveAccessTokens> => {
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
