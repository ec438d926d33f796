import { ROLES } from '../../domain/accounts/role.ts'
import type { AccessClaims } from '../../domain/sessions/access-claims.ts'
import { FIRST_PARTY_CLIENT } from '../../domain/sessions/access-claims.ts'
import { parseSessionId, parseUserId } from '../../domain/shared/ids.ts'

/** How far the clocks of two machines may be apart, in seconds. */
export const CLOCK_TOLERANCE_SECONDS = 30

const LONGEST_ID = 64

/** The claims of an access token; null when one is missing, of another type or out of its range. */
export const readAccessClaims = (
  payload: Readonly<Record<string, unknown>>,
): AccessClaims | null => {
  const { sub, sid, jti, role, ver, auth_time, iat, exp, client_id } = payload
  const user = typeof sub === 'string' ? parseUserId(sub) : null
  const session = typeof sid === 'string' ? parseSessionId(sid) : null
  const known = ROLES.find((name) => name === role)
  if (user === null || session === null || known === undefined) return null
  if (client_id !== FIRST_PARTY_CLIENT || !isId(jti)) return null
  if (!isCount(ver) || !isCount(auth_time) || !isCount(iat) || !isCount(exp)) return null
  return { sub: user, sid: session, jti, role: known, ver, auth_time, iat, exp }
}

/** True while a token counts: made not before now, not expired, and never meant to live longer than we let it. */
export const isInTime = (
  { iat, exp }: AccessClaims,
  lifetimeSeconds: number,
  now: Date,
): boolean => {
  const seconds = Math.floor(now.getTime() / 1000)
  return (
    exp <= iat + lifetimeSeconds &&
    exp > seconds - CLOCK_TOLERANCE_SECONDS &&
    iat <= seconds + CLOCK_TOLERANCE_SECONDS
  )
}

const isId = (value: unknown): value is string =>
  typeof value === 'string' && value.length >= 1 && value.length <= LONGEST_ID

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
