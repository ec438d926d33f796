import type { Result } from '../../../domain/shared/result.ts'
import { fail, ok } from '../../../domain/shared/result.ts'
import type { AuthorizationResponse, ClientRequest } from '../../../ports/driving/oauth/oauth.ts'
import { fieldError, invalidRequest } from '../problems/invalid-fields.ts'
import type { Problem } from '../problems/problems.ts'

/** The state of a client: 1 to 512 visible ASCII characters. */
export const CLIENT_STATE = '^[!-~]{1,512}$'
/** A SHA-256 digest in base64url, as the method S256 makes it (RFC 7636 §4.2). */
export const CODE_CHALLENGE = '^[A-Za-z0-9_-]{43}$'

const STATE = new RegExp(CLIENT_STATE)
const CHALLENGE = new RegExp(CODE_CHALLENGE)

/**
 * What a client begins a sign-in with. Parameters that are not known are ignored (RFC 6749 §3.1), so nobody can name
 * an identity there [OA23].
 */
export const readClientRequest = (request: Request): Result<ClientRequest, Problem> => {
  const { searchParams } = new URL(request.url)
  const parameter = (name: string) => only(searchParams, name)
  const redirectUri = parameter('redirect_uri')
  const state = parameter('state')
  const codeChallenge = parameter('code_challenge')
  const method = parameter('code_challenge_method')
  const errors = [
    ...(redirectUri === null ? [fieldError('redirect_uri', 'required')] : []),
    ...(STATE.test(state ?? '') ? [] : [fieldError('state', 'not-a-state')]),
    ...(CHALLENGE.test(codeChallenge ?? '')
      ? []
      : [fieldError('code_challenge', 'not-a-challenge')]),
    ...(method === 'S256' ? [] : [fieldError('code_challenge_method', 'not-s256')]),
  ]
  return redirectUri === null || state === null || codeChallenge === null || errors.length > 0
    ? fail({ ...invalidRequest(...errors), status: 400 })
    : ok({ redirectUri, state, codeChallenge })
}

/** What a browser brings back from a provider. A parameter that comes twice counts as missing. */
export const readAuthorizationResponse = (request: Request): AuthorizationResponse => {
  const { searchParams } = new URL(request.url)
  return {
    state: only(searchParams, 'state'),
    code: only(searchParams, 'code') || null,
    issuer: searchParams.has('iss') ? searchParams.getAll('iss').join(' ') : null,
    error: only(searchParams, 'error'),
  }
}

const only = (parameters: URLSearchParams, name: string): string | null => {
  const [value, ...more] = parameters.getAll(name)
  return value === undefined || more.length > 0 ? null : value
}
