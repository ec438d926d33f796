import { authorizationUrl, redeemCode } from './code-grant.ts'
import { verifyIdToken } from './id-token.ts'
import { readPerson } from './person.ts'
import type { ProviderKind } from './provider-kind.ts'
import { subjectOf } from './subject-of.ts'

const SCOPE = 'openid profile email'
const PICTURES = /^[a-z0-9-]+\.line-scdn\.net$/

/**
 * LINE Login for the web: id_tokens by HS256 with the channel secret. Its discovery document names ES256 only, which is
 * what the SDK for apps gets, so nothing is discovered. Addresses need a permission and come without a word about proof.
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
      authorizationUrl: async (outbound) =>
        authorizationUrl(`${issuer}/oauth2/v2.1/authorize`, registration, SCOPE, outbound),
      redeem: async (brought, { nonce, verifier }, call) => {
        const { idToken } = await redeemCode(call, server, registration, brought, verifier)
        const { sub, email, name, picture } = await verifyIdToken(idToken, {
          ...{ algorithm: 'HS256', key, issuers: [issuer], nonce, clock },
          clientId: registration.clientId,
        })
        const person = readPerson({ subject: sub, email, name, picture }, PICTURES)
        return { ...person, subject: subjectOf(person), emailProof: 'none' }
      },
    }
  },
}
