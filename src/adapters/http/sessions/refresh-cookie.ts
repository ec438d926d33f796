import type { Result } from '../../../domain/shared/result.ts'
import { fail, ok } from '../../../domain/shared/result.ts'
import type { Tokens } from '../../../ports/driving/sessions/sessions.ts'
import { readCookie } from '../edge/cookies.ts'
import type { CrossOrigin } from '../edge/cross-origin.ts'
import type { Problem } from '../problems/problems.ts'

const NAME = '__Host-refresh'
const ATTRIBUTES = 'Path=/; Secure; HttpOnly; SameSite=Strict'

export const refreshCookie = (tokens: Tokens): string =>
  `${NAME}=${tokens.refreshToken}; Max-Age=${tokens.refreshExpiresInSeconds}; ${ATTRIBUTES}`

export const NO_REFRESH_COOKIE = `${NAME}=; Max-Age=0; ${ATTRIBUTES}`

/** The refresh token of a request, and which way it came; null when there is none. */
export type PresentedToken = { readonly token: string; readonly transport: 'body' | 'cookie' }

/**
 * A token in the body counts before one in the cookie. A browser sends the cookie unasked, so only pages of listed
 * origins may make it do so.
 */
export const presentedToken = (
  request: Request,
  inBody: string | undefined,
  crossOrigin: CrossOrigin,
): Result<PresentedToken | null, Problem> => {
  if (inBody !== undefined) return ok({ token: inBody, transport: 'body' })
  const inCookie = readCookie(request, NAME)
  if (inCookie === null) return ok(null)
  return crossOrigin.isListed(request.headers.get('origin'))
    ? ok({ token: inCookie, transport: 'cookie' })
    : fail({ code: 'origin-not-allowed' })
}
