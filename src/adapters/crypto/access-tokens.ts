import { jwt } from '@elysiajs/jwt'
import { importJWK, SignJWT } from 'jose'
import type { AccessClaims } from '../../domain/sessions/access-claims.ts'
import { FIRST_PARTY_CLIENT } from '../../domain/sessions/access-claims.ts'
import type { AccessTokens } from '../../ports/driven/sessions/access-tokens.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import { CLOCK_TOLERANCE_SECONDS, isInTime, readAccessClaims } from './read-access-claims.ts'
import { readCompactToken } from './read-compact-token.ts'
import type { SigningKey, SigningKeys } from './signing-keys.ts'
import { activeKey } from './signing-keys.ts'
import { makeVerifiedTokens } from './verified-tokens.ts'

export type AccessTokenNeeds = {
  readonly keys: SigningKeys
  readonly issuer: string
  readonly audience: string
  readonly lifetimeSeconds: number
  readonly clock: Clock
}

const ALGORITHM = 'ES256'
const TYPE = 'at+jwt' // RFC 9068 §2.1
const REQUIRED = ['iss', 'aud', 'sub', 'sid', 'jti', 'iat', 'exp', 'role', 'ver', 'client_id']

/**
 * Access tokens signed with ES256. The key is chosen among our own by `kid`, the algorithm never by the token
 * (RFC 8725 §3.1).
 */
export const makeAccessTokens = async (needs: AccessTokenNeeds): Promise<AccessTokens> => {
  const { keys, issuer, audience, lifetimeSeconds, clock } = needs
  const { kid, privateKey } = await importSigner(keys)
  const verifiers = new Map(
    await Promise.all(keys.map(async (key) => [key.kid, await makeVerifier(key)] as const)),
  )
  const verified = makeVerifiedTokens()

  const readGenuine = async (token: string): Promise<AccessClaims | null> => {
    const parts = readCompactToken(token)
    const verifier = parts && verifiers.get(ourKeyId(parts.header) ?? '')
    if (!verifier) return null
    const payload = await verifier.verify(token, {
      algorithms: [ALGORITHM],
      issuer,
      audience,
      typ: TYPE,
      requiredClaims: REQUIRED,
      maxTokenAge: lifetimeSeconds,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: clock(),
    })
    // The library accepts a list of audiences too; ours name one.
    return payload !== false && payload.aud === audience ? readAccessClaims({ ...payload }) : null
  }

  return {
    lifetimeSeconds,
    // Signed by what the plugin wraps, because the plugin itself knows no other `iat` than the wall clock's.
    issue: (claims) => {
      const iat = Math.floor(clock().getTime() / 1000)
      return new SignJWT({ ...claims, client_id: FIRST_PARTY_CLIENT })
        .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid })
        .setIssuer(issuer)
        .setAudience(audience)
        .setIssuedAt(iat)
        .setExpirationTime(iat + lifetimeSeconds)
        .sign(privateKey)
    },
    verify: async (token) => {
      const claims = verified.get(token) ?? (await readGenuine(token))
      if (claims === null || !isInTime(claims, lifetimeSeconds, clock())) return null
      verified.set(token, claims)
      return claims
    },
  }
}

const importSigner = async (keys: SigningKeys) => {
  const key = activeKey(keys)
  if (!key?.privateKey) throw new Error('there is no active signing key')
  const jwk = { ...key.publicJwk, d: key.privateKey.export({ format: 'jwk' }).d ?? '' }
  return { kid: key.kid, privateKey: await importJWK(jwk, ALGORITHM) }
}

/** One instance of the plugin for each key: it holds a single one. */
const makeVerifier = async ({ kid, publicJwk }: SigningKey) => {
  const secret = await importJWK({ ...publicJwk }, ALGORITHM)
  return jwt({ name: 'jwt', secret, alg: ALGORITHM, typ: TYPE, kid }).decorator.jwt
}

/** The key id of a header of these three names only: no embedded or linked key, no extension, no other encoding. */
const ourKeyId = (header: Readonly<Record<string, unknown>>): string | null => {
  const { alg, typ, kid } = header
  return Object.keys(header).length === 3 &&
    alg === ALGORITHM &&
    typ === TYPE &&
    typeof kid === 'string'
    ? kid
    : null
}
