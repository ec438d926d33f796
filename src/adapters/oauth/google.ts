import type { JWTPayload } from 'jose'
import {
  allowInsecureRequests,
  customFetch,
  discoveryRequest,
  processDiscoveryResponse,
} from 'oauth4webapi'
import type { Email } from '../../domain/accounts/email.ts'
import { domainPart, parseEmail } from '../../domain/accounts/email.ts'
import type { EmailProof } from '../../domain/oauth/external-identity.ts'
import type { Call } from './call.ts'
import { authorizationUrl, redeemCode } from './code-grant.ts'
import { makeDocumentCache } from './document-cache.ts'
import { verifyIdToken } from './id-token.ts'
import { makeKeySet } from './key-set.ts'
import { readPerson, requireSubject } from './person.ts'
import { failure } from './provider-fault.ts'
import type { ProviderKind } from './provider-kind.ts'

const SCOPE = 'openid email profile'
const PICTURES = /^[a-z0-9-]+\.googleusercontent\.com$/
/** Further origins that Google's discovery document names. */
const OTHER_ORIGINS = ['https://oauth2.googleapis.com', 'https://www.googleapis.com']

/** OpenID Connect with discovery; id_tokens by RS256. */
export const google: ProviderKind<'issuer'> = {
  id: 'google',
  name: 'Google',
  open: ({ registration, addresses: { issuer }, clock, monotonic }) => {
    const metadata = makeDocumentCache((call) => discover(issuer, call), monotonic)
    const keys = makeKeySet(async (call) => (await metadata.get(call)).jwks_uri, monotonic)
    return {
      issuer,
      origins: new Set([new URL(issuer).origin, ...OTHER_ORIGINS]),
      authorizationUrl: async (parameters, call) => {
        const { authorization_endpoint } = await metadata.get(call)
        return authorizationUrl(authorization_endpoint, registration, SCOPE, parameters)
      },
      redeem: async (authorization, { nonce, verifier }, call) => {
        const server = await metadata.get(call)
        const { idToken } = await redeemCode(call, server, registration, authorization, verifier)
        const claims = await verifyIdToken(idToken, {
          algorithm: 'RS256',
          key: keys.within(call),
          nonce,
          clock,
          // Google uses both forms: https://developers.google.com/identity/openid-connect/openid-connect#an-id-tokens-payload
          issuers: [issuer, issuer.replace(/^https:\/\//, '')],
          clientId: registration.clientId,
        })
        const { sub: subject, email, name, picture } = claims
        const person = readPerson({ subject, email, name, picture }, PICTURES)
        const emailProof = proofOf(person.email, claims)
        return { ...person, subject: requireSubject(person), emailProof }
      },
    }
  },
}

/**
 * Google is authoritative for gmail.com, and for the domain of the organisation that keeps the account (`hd`). An account of an
 * organisation may have an address of another domain, which Google does not give out.
 */
const proofOf = (email: Email | null, { email_verified, hd }: JWTPayload): EmailProof => {
  if (email_verified !== true || email === null) return 'none'
  const domain = domainPart(email)
  return domain === 'gmail.com' || domain === organisationDomain(hd) ? 'authoritative' : 'verified'
}

/** The domain in the form that addresses are stored in. */
const organisationDomain = (hd: unknown): string | null => {
  const address = typeof hd === 'string' ? parseEmail(`postmaster@${hd}`) : null
  return address?.ok ? domainPart(address.value) : null
}

const discover = async (issuer: string, call: Call) => {
  const options = {
    [customFetch]: (url: string, { headers }: { headers: Record<string, string> }) =>
      call(url, { headers }),
    [allowInsecureRequests]: issuer.startsWith('http:'),
  }
  const response = await discoveryRequest(new URL(issuer), options)
  const server = await processDiscoveryResponse(new URL(issuer), response).catch(() => {
    throw failure('its discovery document cannot be used')
  })
  const { authorization_endpoint, token_endpoint, jwks_uri } = server
  if (!authorization_endpoint || !token_endpoint || !jwks_uri)
    throw failure('its discovery document is not complete')
  return { ...server, authorization_endpoint, token_endpoint, jwks_uri }
}
