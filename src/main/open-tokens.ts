import { makeAccessTokens } from '../adapters/crypto/access-tokens.ts'
import { makeMacs } from '../adapters/crypto/macs.ts'
import { makeRefreshTokens } from '../adapters/crypto/refresh-tokens.ts'
import { makeRotatingAccessTokens } from '../adapters/crypto/rotating-access-tokens.ts'
import type { Clock } from '../ports/driven/shared/clock.ts'
import type { Ground } from './composition.ts'

/** All that is made with the keys of this service. */
export const openTokens = async (
  { config, signingKeys, refreshKeys }: Pick<Ground, 'config' | 'signingKeys' | 'refreshKeys'>,
  clock: Clock,
) => {
  const { accessTokens, jwks, replaceKeys } = await makeRotatingAccessTokens(signingKeys, (keys) =>
    makeAccessTokens({
      ...{ keys, ...config.jwt, clock },
      lifetimeSeconds: config.accessTokenSeconds,
    }),
  )
  const macKeys = refreshKeys.map(({ id, secret }) => ({
    id,
    secret: new TextEncoder().encode(secret.reveal()),
  }))
  return {
    tokens: { accessTokens, refreshTokens: makeRefreshTokens(macKeys), macs: makeMacs(macKeys) },
    ...{ jwks, replaceKeys, macKeys },
  }
}
