import { createHmac } from 'node:crypto'
import type { Answer, Call, Needs, Route } from './provider.ts'
import { json, oauthError } from './provider.ts'

const PATH = /^\/oauth2\/v2\.1\/verify$/

/** LINE's own check of its tokens: an access token by GET, an id_token by POST. */
export const verifyRoutes = (needs: Needs): Route[] => [
  { method: 'GET', path: PATH, place: 'verify', answer: (call) => accessToken(call, needs) },
  { method: 'POST', path: PATH, place: 'verify', answer: (call) => idToken(call, needs) },
]

const accessToken = ({ query }: Call, { grants }: Needs): Answer => {
  const grant = grants.byToken('line', query.get('access_token') ?? '')
  return grant === null
    ? oauthError(400, 'invalid_request', 'access token expired')
    : json(200, {
        scope: grant.scopes.join(' '),
        client_id: grant.clientId,
        expires_in: 2_591_659,
      })
}

const idToken = ({ form }: Call, { registration, url }: Needs): Answer => {
  const [head = '', body = '', signature = ''] = (form.get('id_token') ?? '').split('.')
  const expected = createHmac('sha256', registration.secret).update(`${head}.${body}`)
  if (signature === '' || signature !== expected.digest('base64url'))
    return oauthError(400, 'invalid_request', 'Invalid IdToken.')
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString())
  if (claims.iss !== url) return oauthError(400, 'invalid_request', 'Invalid IdToken Issuer.')
  if (claims.aud !== form.get('client_id'))
    return oauthError(400, 'invalid_request', 'Invalid IdToken Audience.')
  if (claims.exp * 1000 <= Date.now()) return oauthError(400, 'invalid_request', 'IdToken expired.')
  if (form.has('nonce') && claims.nonce !== form.get('nonce'))
    return oauthError(400, 'invalid_request', 'Invalid IdToken Nonce.')
  return json(200, claims)
}
