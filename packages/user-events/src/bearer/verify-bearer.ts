import type { JWTPayload } from 'jose'
import { errors, jwtVerify } from 'jose'
import type { UserRole } from '../contract/user-event.ts'
import { makeRemoteKeys } from './remote-keys.ts'

/** The user and session that an access token was issued for. */
export type Bearer = {
  readonly userId: string
  readonly sessionId: string
  readonly tokenId: string
  readonly role: UserRole
  /** The user's version when the token was issued. The role may have changed in an event of a higher version. */
  readonly version: number
  readonly authenticatedAt: Date
  readonly expiresAt: Date
}

/**
 * - `missing`: no header `Authorization: Bearer …`
 * - `expired`: genuine, but expired
 * - `invalid`: anything else. The reason is not told
 */
export type BearerRefusal = 'missing' | 'expired' | 'invalid'
export type BearerVerdict =
  | { readonly ok: true; readonly bearer: Bearer }
  | { readonly ok: false; readonly refusal: BearerRefusal }

export type VerifyBearerOptions = {
  /** The claim `iss` of the tokens: JWT_ISSUER of the service, by default its PUBLIC_URL. */
  readonly issuer: string
  /** The claim `aud` of the tokens: JWT_AUDIENCE of the service. */
  readonly audience: string
  /** The URL of the keys, by default `/.well-known/jwks.json` of the issuer. */
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
 * For services that accept the access tokens of auth-service. It accepts only tokens whose algorithm, type, issuer,
 * audience, lifetime and claims are what auth-service issues. Keys are fetched when first needed, again after ten minutes,
 * and for an unknown key id, at most twice a minute. While they cannot be fetched, the keys of the last hour are used.
 * An answer that is no JWK set is a failed fetch.
 * A token is valid until it expires: only auth-service knows whether its session has ended.
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
