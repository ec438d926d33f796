import type { JWTPayload } from 'jose'
import { errors, jwtVerify } from 'jose'
import { makeRemoteKeys } from './remote-keys.ts'

export { KeysUnavailable } from './remote-keys.ts'

import type { UserRole } from './user-event.ts'

/** Whom an access token speaks for. */
export type Bearer = {
  readonly userId: string
  readonly sessionId: string
  readonly tokenId: string
  readonly role: UserRole
  /** The user's version when the token was made: an event of a higher one may say that the role is another by now. */
  readonly version: number
  readonly authenticatedAt: Date
  readonly expiresAt: Date
}

/**
 * - `missing`: no header `Authorization: Bearer …`
 * - `expired`: genuine, but its time is over
 * - `invalid`: anything else; why is nobody's business
 */
export type BearerRefusal = 'missing' | 'expired' | 'invalid'
export type BearerVerdict =
  | { readonly ok: true; readonly bearer: Bearer }
  | { readonly ok: false; readonly refusal: BearerRefusal }

export type VerifyBearerOptions = {
  /** What the tokens name as `iss`: PUBLIC_URL of the service, or its JWT_ISSUER. */
  readonly issuer: string
  /** Its JWT_AUDIENCE. */
  readonly audience: string
  /** Where the keys are, by default at `/.well-known/jwks.json` of the issuer. */
  readonly jwksUrl?: string
  readonly fetch?: (url: string, options: RequestInit) => Promise<Response>
  readonly now?: () => Date
}

/** Verifies the value of an `Authorization` header. Rejects with KeysUnavailable. */
export type VerifyBearer = (authorization: string | null | undefined) => Promise<BearerVerdict>

const ALGORITHM = 'ES256'
const TYPE = 'at+jwt' // RFC 9068 §2.1
const REQUIRED = ['iss', 'aud', 'sub', 'sid', 'jti', 'iat', 'exp', 'role', 'ver', 'auth_time']
const LONGEST_TOKEN = 8192
const LONGEST_LIFETIME_SECONDS = 3600
const CLOCK_TOLERANCE_SECONDS = 30
const BEARER = /^Bearer ([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)$/i

/**
 * For services that accept the access tokens of auth-service: algorithm, type, issuer, audience, lifetime and claims are
 * what that service issues, and nothing else passes. Keys are fetched when first needed, again after ten minutes and for
 * a key id that is new, twice a minute at most; while they cannot be fetched, those of the last hour count.
 * A token counts until it expires: whether its session has been ended, only the service knows.
 */
export const makeVerifyBearer = (options: VerifyBearerOptions): VerifyBearer => {
  const { issuer, audience, now = () => new Date() } = options
  const keyOf = makeRemoteKeys(
    new URL(options.jwksUrl ?? `${issuer.replace(/\/$/, '')}/.well-known/jwks.json`),
    options.fetch ?? fetch,
  )
  return async (authorization) => {
    const [, token = ''] = BEARER.exec(authorization ?? '') ?? []
    if (token === '' || token.length > LONGEST_TOKEN)
      return { ok: false, refusal: isBearer(authorization) ? 'invalid' : 'missing' }
    try {
      const { payload } = await jwtVerify(token, keyOf, {
        algorithms: [ALGORITHM],
        typ: TYPE,
        issuer,
        audience,
        requiredClaims: REQUIRED,
        maxTokenAge: LONGEST_LIFETIME_SECONDS,
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        currentDate: now(),
      })
      const bearer = payload.aud === audience ? bearerOf(payload) : null
      return bearer === null ? { ok: false, refusal: 'invalid' } : { ok: true, bearer }
    } catch (fault) {
      if (fault instanceof errors.JWTExpired) return { ok: false, refusal: 'expired' }
      if (fault instanceof errors.JOSEError) return { ok: false, refusal: 'invalid' }
      throw fault
    }
  }
}

const isBearer = (authorization: string | null | undefined): boolean =>
  /^Bearer /i.test(authorization ?? '')

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''
const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0

const ROLES: readonly UserRole[] = ['user', 'moderator', 'admin']

const bearerOf = (claims: JWTPayload): Bearer | null => {
  const { sub, sid, jti, ver, auth_time, iat, exp } = claims
  const role = ROLES.find((known) => known === claims['role'])
  if (!isText(sub) || !isText(sid) || !isText(jti) || role === undefined) return null
  if (!isCount(ver) || !isCount(auth_time) || !isCount(iat) || !isCount(exp)) return null
  if (exp > iat + LONGEST_LIFETIME_SECONDS) return null
  return {
    userId: sub,
    sessionId: sid,
    tokenId: jti,
    role,
    version: ver,
    authenticatedAt: new Date(auth_time * 1000),
    expiresAt: new Date(exp * 1000),
  }
}
