import { authorizationUrl, redeemCode } from './code-grant.ts'
import { verifyIdToken } from './id-token.ts'
import { readPerson, requireSubject } from './person.ts'
import type { ProviderKind } from './provider-kind.ts'

const SCOPE = 'openid profile email'
const PICTURES = /^[a-z0-9-]+\.line-scdn\.net$/

/**
 * LINE Login for the web: id_tokens are signed with HS256 and the channel secret. LINE's discovery document names ES256
 * only, which its SDK for apps uses, so the endpoints are fixed here. Email addresses need a permission, and LINE does not
 * say whether they are verified.
 */
export const line: ProviderKind<'issuer' | 'api'> = {
  id: 'line',
  name: 'LINE',
  open: ({ registration, addresses: { issuer, api }, clock }) => {
    const server = { issuer, token_endpoint: `${api}/oauth2/v2.1/token` }
    const key = new TextEncoder().encode(registration.clientSecret)
    return {
      issuer,
      origins: new Set([new URL(api).origin]),
      authorizationUrl: async (parameters) =>
        authorizationUrl(`${issuer}/oauth2/v2.1/authorize`, registration, SCOPE, parameters),
      redeem: async (authorization, { nonce, verifier }, call) => {
        const { idToken } = await redeemCode(call, server, registration, authorization, verifier)
        const { sub, email, name, picture } = await verifyIdToken(idToken, {
          algorithm: 'HS256',
          key,
          nonce,
          clock,
          issuers: [issuer],
          clientId: registration.clientId,
        })
        const person = readPerson({ subject: sub, email, name, picture }, PICTURES)
        return { ...person, subject: requireSubject(person), emailProof: 'none' }
      },
    }
  },
}
