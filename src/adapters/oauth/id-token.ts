import type { JWTPayload, JWTVerifyGetKey } from 'jose'
import { jwtVerify } from 'jose'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import { ProviderFault } from './provider-fault.ts'

type Expected = {
  /** Set by this service. The token's header does not choose the algorithm. */
  readonly algorithm: 'RS256' | 'HS256'
  readonly key: Uint8Array | JWTVerifyGetKey
  readonly issuers: readonly string[]
  readonly clientId: string
  readonly nonce: string
  readonly clock: Clock
}

const TOLERANCE_SECONDS = 30
const MAXIMUM_AGE_SECONDS = 600

/**
 * The claims of an id_token, after every check of OpenID Connect Core §3.1.3.7.
 * @throws ProviderFault `invalid-id-token` otherwise.
 */
export const verifyIdToken = async (token: unknown, expected: Expected): Promise<JWTPayload> => {
  if (typeof token !== 'string') throw refused('there is none')
  const claims = await verifiedClaims(token, expected)
  const { aud, azp, nonce } = claims
  if (nonce !== expected.nonce) throw refused('another nonce')
  if (Array.isArray(aud) && aud.length !== 1 && azp === undefined)
    throw refused('several audiences')
  if (azp !== undefined && azp !== expected.clientId) throw refused('another authorized party')
  return claims
}

const verifiedClaims = async (token: string, expected: Expected): Promise<JWTPayload> => {
  const { algorithm, issuers, clientId, clock } = expected
  const getKey: JWTVerifyGetKey = async (header, parsed) =>
    typeof expected.key === 'function' ? expected.key(header, parsed) : expected.key
  try {
    const { payload } = await jwtVerify(token, getKey, {
      algorithms: [algorithm],
      issuer: [...issuers],
      audience: clientId,
      requiredClaims: ['sub', 'exp', 'iat', 'nonce'],
      clockTolerance: TOLERANCE_SECONDS,
      maxTokenAge: MAXIMUM_AGE_SECONDS,
      currentDate: clock(),
    })
    return payload
  } catch (fault) {
    if (fault instanceof ProviderFault) throw fault
    // The errors of the package carry the claims, so only their name is kept.
    throw refused(fault instanceof Error ? fault.name : 'unknown')
  }
}

const refused = (reason: string) =>
  new ProviderFault('invalid-id-token', `its id_token is not accepted: ${reason}`)
