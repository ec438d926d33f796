import {
  allowInsecureRequests,
  authorizationCodeGrantRequest,
  ClientSecretPost,
  customFetch,
  processAuthorizationCodeResponse,
  skipStateCheck,
  validateAuthResponse,
} from 'oauth4webapi'
import type { Brought } from '../../ports/driven/oauth/identity-provider.ts'
import type { Call } from './call.ts'
import { failure, ProviderFault } from './provider-fault.ts'

/** Who we are to a provider. */
export type Registration = {
  readonly clientId: string
  readonly clientSecret: string
  /** Where it sends browsers back to. */
  readonly redirectUri: string
}

type Server = {
  readonly issuer: string
  readonly token_endpoint: string
  readonly authorization_response_iss_parameter_supported?: boolean
}

type Redeemed = { readonly accessToken: string; readonly idToken: unknown }

/** The address of a provider's own page, with all that every request carries [OA4]. */
export const authorizationUrl = (
  endpoint: string,
  { clientId, redirectUri }: Registration,
  scope: string,
  { state, nonce, codeChallenge }: Readonly<Record<'state' | 'nonce' | 'codeChallenge', string>>,
): string => {
  const url = new URL(endpoint)
  const parameters = {
    ...{ response_type: 'code', client_id: clientId, redirect_uri: redirectUri, scope },
    ...{ state, nonce, code_challenge: codeChallenge, code_challenge_method: 'S256' },
  }
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  return url.href
}

/** Redeems a code (RFC 6749 §4.1.3, RFC 7636 §4.5), once. What the id_token says is not looked at here. */
export const redeemCode = async (
  call: Call,
  server: Server,
  { clientId, clientSecret, redirectUri }: Registration,
  brought: Brought,
  verifier: string,
): Promise<Redeemed> => {
  const client = { client_id: clientId }
  let idToken: unknown
  const response = await authorizationCodeGrantRequest(
    server,
    client,
    ClientSecretPost(clientSecret),
    readAnswer(server, client, brought),
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

/** Its state was looked at when the transaction was taken; here it is about who answers (RFC 9207). */
const readAnswer = (server: Server, client: { client_id: string }, { code, issuer }: Brought) => {
  const parameters = new URLSearchParams({ code, ...(issuer === null ? {} : { iss: issuer }) })
  try {
    return validateAuthResponse(server, client, parameters, skipStateCheck)
  } catch (fault) {
    throw notFromIt(fault)
  }
}

const notFromIt = (because: unknown) =>
  new ProviderFault('wrong-issuer', `the answer is not from it: ${Object(because).name}`)

/** @throws ProviderFault for anything but one JSON object. */
export const readObject = async (response: Response): Promise<Record<string, unknown>> => {
  const text = await response.text()
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  } catch {
    // The parser's own words would quote the answer.
  }
  throw failure('its answer is no JSON object')
}
