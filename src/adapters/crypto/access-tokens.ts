import { sign } from 'node:crypto'
import { jwt } from '@elysiajs/jwt'
import { importJWK } from 'jose'
import { ROLES } from '../../domain/accounts/role.ts'
import { parseSessionId, parseUserId } from '../../domain/shared/ids.ts'
import type { AccessClaims, AccessTokens } from '../../ports/driven/sessions/access-tokens.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import type { SigningKey, SigningKeys } from './signing-keys.ts'
import { activeKey } from './signing-keys.ts'

export type AccessTokenNeeds = {
  readonly keys: SigningKeys
  readonly issuer: string
  readonly audience: string
  readonly lifetimeSeconds: number
  readonly clock: Clock
}

const ALGORITHM = 'ES256'
const TYPE = 'at+jwt' // RFC 9068 §2.1
const CLIENT_ID = 'first-party'
const REQUIRED = ['iss', 'aud', 'sub', 'sid', 'jti', 'iat', 'exp', 'role', 'ver', 'client_id']

/** How far the clocks of two machines may differ. */
const CLOCK_TOLERANCE_SECONDS = 30

/**
 * Access tokens signed with ES256. The verifying key is chosen by `kid` among this service's own keys. The token never
 * chooses the algorithm (RFC 8725 §3.1).
 */
export const makeAccessTokens = async (needs: AccessTokenNeeds): Promise<AccessTokens> => {
  const { keys, issuer, audience, lifetimeSeconds, clock } = needs
  const signToken = makeSigner(keys)
  const verifiers = new Map(
    await Promise.all(keys.map(async (key) => [key.kid, await makeVerifier(key)] as const)),
  )
  const cache = makeVerifiedTokenCache()

  const verifySignature = async (token: string): Promise<AccessClaims | null> => {
    const parts = parseCompactToken(token)
    const verifier = parts && verifiers.get(keyIdOf(parts.header) ?? '')
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
    // The library also accepts a list of audiences. This service's tokens have exactly one.
    return payload !== false && payload.aud === audience ? parseClaims({ ...payload }) : null
  }

  return {
    lifetimeSeconds,
    issue: async (claims) => {
      const iat = Math.floor(clock().getTime() / 1000)
      const own = { iss: issuer, aud: audience, iat, exp: iat + lifetimeSeconds }
      return signToken({ ...claims, client_id: CLIENT_ID, ...own })
    },
    verify: async (token) => {
      const claims = cache.get(token) ?? (await verifySignature(token))
      if (claims === null || !isInTime(claims, lifetimeSeconds, clock())) return null
      cache.set(token, claims)
      return claims
    },
  }
}

/**
 * Signs with the active key, in compact form (RFC 7515 §3.1). Not with jose: Web Crypto signs in the threads that compute hashes,
 * and there a signature of 25 µs waits for hashes of several milliseconds.
 */
const makeSigner = (keys: SigningKeys): ((claims: object) => string) => {
  const active = activeKey(keys)
  if (!active?.privateKey) throw new Error('there is no active signing key')
  // Both halves of the signature with a fixed length (RFC 7518 §3.4).
  const key = { key: active.privateKey, dsaEncoding: 'ieee-p1363' } as const
  const header = base64url({ alg: ALGORITHM, typ: TYPE, kid: active.kid })
  return (claims) => {
    const signed = `${header}.${base64url(claims)}`
    return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`
  }
}

const base64url = (value: object): string =>
  Buffer.from(JSON.stringify(value)).toString('base64url')

/** The plugin holds a single key, so each key has an instance of its own. */
const makeVerifier = async ({ kid, publicJwk }: SigningKey) => {
  const secret = await importJWK({ ...publicJwk }, ALGORITHM)
  return jwt({ name: 'jwt', secret, alg: ALGORITHM, typ: TYPE, kid }).decorator.jwt
}

/** The key id. Null for a header with any other member than these three: no embedded key, no link, no extension. */
const keyIdOf = (header: Readonly<Record<string, unknown>>): string | null => {
  const { alg, typ, kid } = header
  return Object.keys(header).length === 3 &&
    alg === ALGORITHM &&
    typ === TYPE &&
    typeof kid === 'string'
    ? kid
    : null
}

/** The claims of an access token. Null when one is missing, has another type or is out of its range. */
const parseClaims = (payload: Readonly<Record<string, unknown>>): AccessClaims | null => {
  const { sub, sid, jti, role, ver, auth_time, iat, exp, client_id } = payload
  const user = typeof sub === 'string' ? parseUserId(sub) : null
  const session = typeof sid === 'string' ? parseSessionId(sid) : null
  const knownRole = ROLES.find((name) => name === role)
  if (user === null || session === null || knownRole === undefined) return null
  if (client_id !== CLIENT_ID || !isTokenId(jti)) return null
  if (!isCount(ver) || !isCount(auth_time) || !isCount(iat) || !isCount(exp)) return null
  return { sub: user, sid: session, jti, role: knownRole, ver, auth_time, iat, exp }
}

const MAXIMUM_ID_LENGTH = 64

const isTokenId = (value: unknown): value is string =>
  typeof value === 'string' && value.length >= 1 && value.length <= MAXIMUM_ID_LENGTH

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0

/** True for a token that was not issued in the future, has not expired, and lives no longer than the configured lifetime. */
const isInTime = ({ iat, exp }: AccessClaims, lifetimeSeconds: number, now: Date): boolean => {
  const seconds = Math.floor(now.getTime() / 1000)
  return (
    exp <= iat + lifetimeSeconds &&
    exp > seconds - CLOCK_TOLERANCE_SECONDS &&
    iat <= seconds + CLOCK_TOLERANCE_SECONDS
  )
}

/** The two JSON parts of a signed token in compact form (RFC 7515 §3.1). The signature is not checked here. */
type CompactToken = {
  readonly header: Readonly<Record<string, unknown>>
  readonly payload: Readonly<Record<string, unknown>>
}

const MAXIMUM_TOKEN_LENGTH = 8 * 1024
const COMPACT = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{86})$/
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Null for text that is too long, is not in canonical base64url, or whose JSON changes when it is parsed and written
 * again. So no member occurs twice: RFC 8725 §2.4 and RFC 7519 §4 leave it to parsers which of two members counts.
 */
const parseCompactToken = (token: string): CompactToken | null => {
  if (token.length > MAXIMUM_TOKEN_LENGTH) return null
  const [, head = '', body = '', signature = ''] = COMPACT.exec(token) ?? []
  if (!isCanonical(signature)) return null
  const header = parsePart(head)
  const payload = parsePart(body)
  return header && payload && { header, payload }
}

const isCanonical = (part: string): boolean =>
  part !== '' && Buffer.from(part, 'base64url').toString('base64url') === part

const parsePart = (part: string): Record<string, unknown> | null => {
  if (!isCanonical(part)) return null
  try {
    const text = UTF8.decode(Buffer.from(part, 'base64url'))
    const value: unknown = JSON.parse(text)
    return isRecord(value) && JSON.stringify(value) === text ? value : null
  } catch {
    return null
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const CACHED_TOKENS = 4096

/**
 * Remembers tokens whose signature was verified. A client sends one token many times, and the ES256 check is the most
 * expensive part. Whether a token is in time is checked on every call. The oldest token leaves the cache first.
 */
const makeVerifiedTokenCache = () => {
  const verified = new Map<string, AccessClaims>()
  return {
    get: (token: string): AccessClaims | null => verified.get(token) ?? null,
    set: (token: string, claims: AccessClaims): void => {
      if (verified.has(token)) return
      const [oldest] = verified.size < CACHED_TOKENS ? [] : verified.keys()
      if (oldest !== undefined) verified.delete(oldest)
      verified.set(token, claims)
    },
  }
}
