import { createHmac } from 'node:crypto'
import { authorizeRoutes } from '../authorize.ts'
import type { Grant } from '../grants.ts'
import { makeIdToken } from '../id-tokens.ts'
import { hexOf } from '../people.ts'
import type { Answer, Call, Needs, Provider, Route } from '../provider.ts'
import { json, oauthError, withOverrides } from '../provider.ts'
import { bearerOf, redeem } from '../redeem.ts'

const TOKEN_SECONDS = 2_592_000
const ID_TOKEN_SECONDS = 3600

/**
 * LINE Login. The id_token of the web sign-in is signed by HS256 with the channel secret, although discovery names only
 * ES256. Only channels with a permission get the address, and LINE does not say whether it is verified.
 */
export const makeLine = (needs: Needs): Provider => ({
  name: 'line',
  settings: {
    LINE_CHANNEL_ID: needs.registration.id,
    LINE_CHANNEL_SECRET: needs.registration.secret,
    LINE_ISSUER_URL: needs.url,
    LINE_API_URL: needs.url,
  },
  routes: [
    {
      method: 'GET',
      path: /^\/\.well-known\/openid-configuration$/,
      endpoint: 'discovery',
      answer: () => json(200, metadata(needs.url)),
    },
    {
      method: 'GET',
      path: /^\/oauth2\/v2\.1\/certs$/,
      endpoint: 'keys',
      answer: async () => json(200, await needs.keys.published('ES256')),
    },
    ...authorizeRoutes('line', needs, {
      path: /^\/oauth2\/v2\.1\/authorize$/,
      scopesRequired: ['openid'],
      scopeSeparator: ' ',
      extra: () => ({}),
      denied: {
        error: 'access_denied',
        error_description: 'The resource owner denied the request.',
      },
      fragment: '',
    }),
    {
      method: 'POST',
      path: /^\/oauth2\/v2\.1\/token$/,
      endpoint: 'token',
      answer: (call) => token(call, needs),
    },
    ...verifyRoutes(needs),
    {
      method: 'GET',
      path: /^\/v2\/profile$/,
      endpoint: 'profile',
      answer: (call) => profile(call, needs),
    },
  ],
})

const metadata = (url: string) => ({
  issuer: url,
  authorization_endpoint: `${url}/oauth2/v2.1/authorize`,
  token_endpoint: `${url}/oauth2/v2.1/token`,
  userinfo_endpoint: `${url}/oauth2/v2.1/userinfo`,
  revocation_endpoint: `${url}/oauth2/v2.1/revoke`,
  jwks_uri: `${url}/oauth2/v2.1/certs`,
  scopes_supported: ['openid', 'profile', 'email'],
  response_types_supported: ['code'],
  subject_types_supported: ['pairwise'],
  // Exactly what LINE serves. Only LINE's manual mentions the HS256 of the web sign-in.
  id_token_signing_alg_values_supported: ['ES256'],
  code_challenge_methods_supported: ['S256'],
})

const token = async (call: Call, needs: Needs): Promise<Answer> => {
  // Its manual knows the form only, no Basic.
  const redeemed = redeem(call.form, new Headers(), needs)
  if ('error' in redeemed) return oauthError(400, redeemed.error, 'invalid authorization code')
  const { grant } = redeemed
  const correct = {
    access_token: needs.grants.open(grant),
    expires_in: TOKEN_SECONDS,
    id_token: await makeIdToken(needs, 'hs256-secret', claims(grant, needs.url)),
    refresh_token: 'never-used',
    scope: grant.scopes.join(' '),
    token_type: 'Bearer',
  }
  return json(200, withOverrides(correct, needs.misbehaviour().token))
}

const subOf = ({ person }: Grant): string => `U${hexOf('line', person.name).slice(0, 32)}`
const PICTURE = 'https://profile.line-scdn.net/fake'

const claims = (grant: Grant, issuer: string) => {
  const { person, scopes, nonce } = grant
  const now = Math.floor(Date.now() / 1000)
  return {
    iss: issuer,
    sub: subOf(grant),
    aud: grant.clientId,
    exp: now + ID_TOKEN_SECONDS,
    iat: now,
    amr: ['linesso'],
    ...(nonce === null ? {} : { nonce }),
    ...(scopes.includes('profile') ? { name: person.name, picture: PICTURE } : {}),
    ...(scopes.includes('email') && person.email !== null ? { email: person.email } : {}),
  }
}

const profile = ({ headers }: Call, needs: Needs): Answer => {
  const grant = needs.grants.byToken('line', bearerOf(headers))
  if (grant === null || !grant.scopes.includes('profile'))
    return json(401, { message: 'The access token revoked or expired' })
  const correct = { userId: subOf(grant), displayName: grant.person.name, pictureUrl: PICTURE }
  return json(200, withOverrides(correct, needs.misbehaviour().profile))
}

const VERIFY_PATH = /^\/oauth2\/v2\.1\/verify$/

/** LINE's endpoint that verifies its tokens: an access token by GET, an id_token by POST. */
const verifyRoutes = (needs: Needs): Route[] => [
  {
    method: 'GET',
    path: VERIFY_PATH,
    endpoint: 'verify',
    answer: (call) => verifyAccessToken(call, needs),
  },
  {
    method: 'POST',
    path: VERIFY_PATH,
    endpoint: 'verify',
    answer: (call) => verifyIdToken(call, needs),
  },
]

const verifyAccessToken = ({ query }: Call, { grants }: Needs): Answer => {
  const grant = grants.byToken('line', query.get('access_token') ?? '')
  return grant === null
    ? oauthError(400, 'invalid_request', 'access token expired')
    : json(200, {
        scope: grant.scopes.join(' '),
        client_id: grant.clientId,
        expires_in: 2_591_659,
      })
}

const verifyIdToken = ({ form }: Call, { registration, url }: Needs): Answer => {
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
