import {
  allowInsecureRequests,
  authorizationCodeGrantRequest,
  ClientSecretPost,
  customFetch,
  processAuthorizationCodeResponse,
  skipStateCheck,
  validateAuthResponse,
} from 'oauth4webapi'
import type { AuthorizationCode } from '../../ports/driven/oauth/identity-provider.ts'
import type { Call } from './call.ts'
import { failure, ProviderFault } from './provider-fault.ts'

/** This service as a client of a provider. */
export type ClientRegistration = {
  readonly clientId: string
  readonly clientSecret: string
  /** The URL of this service that the provider sends browsers back to. */
  readonly redirectUri: string
}

type Server = {
  readonly issuer: string
  readonly token_endpoint: string
  readonly authorization_response_iss_parameter_supported?: boolean
}

type Redeemed = { readonly accessToken: string; readonly idToken: unknown }

/** The URL of an authorization request, with the parameters that every request carries [OA4]. */
export const authorizationUrl = (
  endpoint: string,
  { clientId, redirectUri }: ClientRegistration,
  scope: string,
  { state, nonce, codeChallenge }: Readonly<Record<'state' | 'nonce' | 'codeChallenge', string>>,
): string => {
  const url = new URL(endpoint)
  const parameters = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    scope,
    state,
    nonce,
    code_challenge: codeChallenge,
    code_challenge_method: 'S256',
  }
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  return url.href
}

/** Exchanges a code for tokens, once (RFC 6749 §4.1.3, RFC 7636 §4.5). Does not check the id_token. */
export const redeemCode = async (
  call: Call,
  server: Server,
  { clientId, clientSecret, redirectUri }: ClientRegistration,
  authorization: AuthorizationCode,
  verifier: string,
): Promise<Redeemed> => {
  const client = { client_id: clientId }
  let idToken: unknown
  const response = await authorizationCodeGrantRequest(
    server,
    client,
    ClientSecretPost(clientSecret),
    checkIssuer(server, client, authorization),
    redirectUri,
    verifier,
    {
      [customFetch]: async (url, { method, headers, body }) => {
        const answer = await call(url, { method, headers, body })
        const { id_token, ...rest } = await readObject(answer)
        idToken = id_token
        return Response.json(rest)
      },
      [allowInsecureRequests]: server.token_endpoint.startsWith('http:'),
    },
  )
  try {
    const { access_token } = await processAuthorizationCodeResponse(server, client, response)
    return { accessToken: access_token, idToken }
  } catch (fault) {
    throw failure('it gave no token', fault)
  }
}

/** Checks the issuer of the authorization response (RFC 9207). Its state was checked when the transaction was taken. */
const checkIssuer = (
  server: Server,
  client: { client_id: string },
  { code, issuer }: AuthorizationCode,
) => {
  const parameters = new URLSearchParams({ code, ...(issuer === null ? {} : { iss: issuer }) })
  try {
    return validateAuthResponse(server, client, parameters, skipStateCheck)
  } catch (fault) {
    throw wrongIssuer(fault)
  }
}

const wrongIssuer = (because: unknown) =>
  new ProviderFault('wrong-issuer', `the answer is not from it: ${Object(because).name}`)

/** The JSON object in an answer's body. @throws ProviderFault for anything else. */
export const readObject = async (response: Response): Promise<Record<string, unknown>> => {
  const text = await response.text()
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  } catch {
    // The parser's message quotes the answer, so it is not used.
  }
  throw failure('its answer is no JSON object')
}
