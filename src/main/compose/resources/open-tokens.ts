import { makeAccessTokens } from '../../../adapters/crypto/access-tokens.ts'
import type { MacKey } from '../../../adapters/crypto/macs.ts'
import { makeMacs } from '../../../adapters/crypto/macs.ts'
import { makeOwnSigningKeys } from '../../../adapters/crypto/own-signing-keys.ts'
import { makeRefreshTokens } from '../../../adapters/crypto/refresh-tokens.ts'
import { makeRotatingAccessTokens } from '../../../adapters/crypto/rotating-access-tokens.ts'
import type { AccessTokens } from '../../../ports/driven/sessions/access-tokens.ts'
import type { OwnSigningKeys } from '../../../ports/driven/sessions/own-signing-keys.ts'
import type { RefreshTokens } from '../../../ports/driven/sessions/refresh-tokens.ts'
import type { Clock } from '../../../ports/driven/shared/clock.ts'
import type { Macs } from '../../../ports/driven/shared/digest.ts'
import type { Installation } from '../../lifecycle/composition.ts'

/** Everything that is made with the keys of this installation. */
export type Tokens = {
  readonly accessTokens: AccessTokens
  readonly refreshTokens: RefreshTokens
  readonly macs: Macs
  readonly macKeys: readonly MacKey[]
  /** The public keys as a JWK set. */
  readonly jwks: () => object
  /** Null when the operator keeps the signing keys (JWT_KEYS). */
  readonly ownKeys: OwnSigningKeys | null
}

export const openTokens = async (
  { config, signingKeys, refreshKeys, keyFile }: Installation,
  clock: Clock,
): Promise<Tokens> => {
  const rotating = await makeRotatingAccessTokens(signingKeys, (keys) =>
    makeAccessTokens({
      keys,
      issuer: config.jwt.issuer,
      audience: config.jwt.audience,
      lifetimeSeconds: config.accessTokenSeconds,
      clock,
    }),
  )
  const macKeys = refreshKeys.map(({ id, secret }) => ({
    id,
    secret: new TextEncoder().encode(secret.reveal()),
  }))
  return {
    accessTokens: rotating.accessTokens,
    refreshTokens: makeRefreshTokens(macKeys),
    macs: makeMacs(macKeys),
    macKeys,
    jwks: rotating.jwks,
    ownKeys: keyFile === null ? null : makeOwnSigningKeys(keyFile, rotating.replaceKeys),
  }
}
