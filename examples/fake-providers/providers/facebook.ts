import { createHmac } from 'node:crypto'
import { authorizeRoutes } from '../authorize.ts'
import { digitsOf } from '../people.ts'
import type { Answer, Call, Needs, Provider } from '../provider.ts'
import { json, withOverrides } from '../provider.ts'
import { bearerOf, redeem } from '../redeem.ts'

/**
 * Facebook Login: a dialog, a code, an access token, and then the Graph API, which requires a proof made with the app secret
 * on each call of a server. The user id is different for each app. An account made with a phone number has no address.
 */
export const makeFacebook = (needs: Needs): Provider => ({
  name: 'facebook',
  settings: {
    FACEBOOK_APP_ID: needs.registration.id,
    FACEBOOK_APP_SECRET: needs.registration.secret,
    FACEBOOK_DIALOG_URL: needs.url,
    FACEBOOK_GRAPH_URL: needs.url,
  },
  routes: [
    ...authorizeRoutes('facebook', needs, {
      path: /^(?:\/v\d+\.\d+)?\/dialog\/oauth$/,
      scopesRequired: [],
      scopeSeparator: ',',
      extra: () => ({}),
      denied: {
        error: 'access_denied',
        error_code: '200',
        error_description: 'Permissions error',
        error_reason: 'user_denied',
      },
      // As documented at https://developers.facebook.com/docs/facebook-login/security#surface
      fragment: '_=_',
    }),
    ...(['GET', 'POST'] as const).map((method) => ({
      method,
      path: /^(?:\/v\d+\.\d+)?\/oauth\/access_token$/,
      endpoint: 'token' as const,
      answer: (call: Call) => token(call, needs),
    })),
    {
      method: 'GET',
      path: /^(?:\/v\d+\.\d+)?\/me$/,
      endpoint: 'profile',
      answer: (call) => me(call, needs),
    },
  ],
})

const graphError = (status: number, type: string, code: number, message: string): Answer =>
  json(status, { error: { message, type, code, fbtrace_id: 'fake' } })

/** Facebook reads the parameters from the query and from the form. */
const token = ({ query, form }: Call, needs: Needs): Answer => {
  const parameters = new URLSearchParams([...query, ...form])
  // Facebook has one grant type only, so clients do not name it.
  parameters.set('grant_type', 'authorization_code')
  const redeemed = redeem(parameters, new Headers(), needs)
  if ('error' in redeemed)
    return redeemed.error === 'invalid_client'
      ? graphError(400, 'OAuthException', 1, 'Error validating client secret.')
      : graphError(400, 'OAuthException', 100, 'Error validating verification code.')
  const correct = {
    access_token: needs.grants.open(redeemed.grant),
    token_type: 'bearer',
    expires_in: 5_183_944,
  }
  return json(200, withOverrides(correct, needs.misbehaviour().token))
}

const me = ({ query, headers }: Call, { grants, registration, misbehaviour }: Needs): Answer => {
  const accessToken = query.get('access_token') ?? bearerOf(headers)
  const grant = grants.byToken('facebook', accessToken)
  if (grant === null) return graphError(400, 'OAuthException', 190, 'Invalid OAuth access token.')
  const proof = query.get('appsecret_proof')
  if (proof === null)
    return graphError(
      400,
      'GraphMethodException',
      100,
      'API calls from the server require an appsecret_proof argument',
    )
  if (proof !== createHmac('sha256', registration.secret).update(accessToken).digest('hex'))
    return graphError(
      400,
      'GraphMethodException',
      100,
      'Invalid appsecret_proof provided in the API argument',
    )
  const { person, scopes } = grant
  const fields = (query.get('fields') ?? 'id,name').split(',').map((field) => field.split('.')[0])
  const all = {
    id: digitsOf(17, 'facebook', registration.id, person.name),
    name: person.name,
    email: scopes.includes('email') && person.email !== null ? person.email : undefined,
    picture: { data: { url: 'https://platform-lookaside.fbsbx.com/platform/profilepic/fake' } },
  }
  const asked = Object.entries(all).filter(([name]) => name === 'id' || fields.includes(name))
  return json(200, withOverrides(Object.fromEntries(asked), misbehaviour().profile))
}
