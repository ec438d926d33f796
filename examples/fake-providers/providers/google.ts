import { createHash } from 'node:crypto'
import { authorizeRoutes } from '../authorize.ts'
import type { Grant } from '../grants.ts'
import { makeIdToken } from '../id-tokens.ts'
import { digitsOf } from '../people.ts'
import type { Call, Needs, Provider } from '../provider.ts'
import { json, oauthError, withOverrides } from '../provider.ts'
import { bearerOf, redeem } from '../redeem.ts'

const SECONDS = 3599

/** Google: standard OpenID Connect. Its id_tokens are signed by RS256, and the keys are published. */
export const makeGoogle = (needs: Needs): Provider => ({
  name: 'google',
  settings: {
    GOOGLE_CLIENT_ID: needs.registration.id,
    GOOGLE_CLIENT_SECRET: needs.registration.secret,
    GOOGLE_ISSUER_URL: needs.url,
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
      path: /^\/oauth2\/v3\/certs$/,
      endpoint: 'keys',
      answer: async () => json(200, await needs.keys.published('RS256')),
    },
    ...authorizeRoutes('google', needs, {
      path: /^\/o\/oauth2\/v2\/auth$/,
      scopesRequired: ['openid'],
      scopeSeparator: ' ',
      extra: (scopes) => ({
        iss: needs.url,
        scope: scopes.join(' '),
        authuser: '0',
        prompt: 'consent',
      }),
      denied: { error: 'access_denied', iss: needs.url },
      fragment: '',
    }),
    { method: 'POST', path: /^\/token$/, endpoint: 'token', answer: (call) => token(call, needs) },
    {
      method: 'GET',
      path: /^\/v1\/userinfo$/,
      endpoint: 'profile',
      answer: ({ headers }) => {
        const grant = needs.grants.byToken('google', bearerOf(headers))
        return grant === null
          ? oauthError(401, 'invalid_request', 'Invalid Credentials')
          : json(200, withOverrides(personal(grant), needs.misbehaviour().profile))
      },
    },
  ],
})

const metadata = (url: string) => ({
  issuer: url,
  authorization_endpoint: `${url}/o/oauth2/v2/auth`,
  token_endpoint: `${url}/token`,
  userinfo_endpoint: `${url}/v1/userinfo`,
  jwks_uri: `${url}/oauth2/v3/certs`,
  response_types_supported: ['code'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['RS256'],
  scopes_supported: ['openid', 'email', 'profile'],
  token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
  code_challenge_methods_supported: ['plain', 'S256'],
  grant_types_supported: ['authorization_code', 'refresh_token'],
  authorization_response_iss_parameter_supported: true,
})

const token = async (call: Call, needs: Needs) => {
  const redeemed = redeem(call.form, call.headers, needs)
  if ('error' in redeemed)
    return redeemed.error === 'invalid_client'
      ? oauthError(401, 'invalid_client', 'The provided client secret is invalid.')
      : oauthError(400, redeemed.error, 'Bad Request')
  const { grant } = redeemed
  const accessToken = needs.grants.open(grant)
  const correct = {
    access_token: accessToken,
    expires_in: SECONDS,
    scope: grant.scopes.join(' '),
    token_type: 'Bearer',
    id_token: await makeIdToken(needs, 'true', claims(grant, accessToken, needs.url)),
  }
  return json(200, withOverrides(correct, needs.misbehaviour().token))
}

const claims = (grant: Grant, accessToken: string, issuer: string) => {
  const now = Math.floor(Date.now() / 1000)
  const half = createHash('sha256').update(accessToken).digest().subarray(0, 16)
  return {
    iss: issuer,
    azp: grant.clientId,
    aud: grant.clientId,
    ...personal(grant),
    ...(grant.nonce === null ? {} : { nonce: grant.nonce }),
    at_hash: half.toString('base64url'),
    iat: now,
    exp: now + SECONDS,
  }
}

const personal = ({ person, scopes }: Grant) => ({
  sub: digitsOf(21, 'google', person.name),
  ...(person.organisation === undefined ? {} : { hd: person.organisation }),
  ...(scopes.includes('email') && person.email !== null
    ? { email: person.email, email_verified: person.verified }
    : {}),
  ...(scopes.includes('profile')
    ? { name: person.name, picture: 'https://lh3.googleusercontent.com/a/fake=s96-c' }
    : {}),
})
