import { generateKeyPairSync } from 'node:crypto'
import { SignJWT } from 'jose'
import type { google } from '../../../../src/adapters/oauth/google.ts'
import { START } from '../sessions/given-sessions.ts'

/** Domains of addresses that Google does not give out, whatever it says of the organisation that keeps the account (`hd`). */
export const FOREIGN_DOMAINS: readonly (readonly [domain: string, hd: unknown])[] = [
  ['elsewhere.example', 'company.example'],
  ['elsewhere.example', 'gmail.com'],
  ['sub.company.example', 'company.example'],
  ['company.example', 'sub.company.example'],
  ['notcompany.example', 'company.example'],
  ['company.example', 'company.example.'],
  ['company.example', '@company.example'],
  ['company.example', '*'],
  ['sub.gmail.com', ''],
  ['notgmail.com', ''],
  ['company.example', ['company.example']],
  ['company.example', ['', 'company.example']],
  ['company.example', { 'company.example': true }],
  ['company.example', true],
  ['company.example', ''],
]

const ISSUER = 'https://accounts.google.example'
const CLIENT = {
  clientId: 'client',
  clientSecret: 'secret',
  redirectUri: 'https://auth.example.com',
}
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

/** How far Google's word is trusted about an address of this domain. */
export const proofBy = async (
  { open }: typeof google,
  domain: string,
  hd: unknown,
): Promise<string> => {
  const claims = { nonce: 'n', email: `ada@${domain}`, email_verified: true, hd }
  const idToken = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'RS256', kid: 'one' })
    .setIssuer(ISSUER)
    .setAudience(CLIENT.clientId)
    .setSubject('somebody')
    .setIssuedAt(START)
    .setExpirationTime(new Date(START.getTime() + 60_000))
    .sign(privateKey)
  const documents: Readonly<Record<string, unknown>> = {
    '/.well-known/openid-configuration': {
      issuer: ISSUER,
      authorization_endpoint: `${ISSUER}/authorize`,
      token_endpoint: `${ISSUER}/token`,
      jwks_uri: `${ISSUER}/keys`,
    },
    '/token': { access_token: 'a', token_type: 'Bearer', id_token: idToken },
    '/keys': { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'one', use: 'sig' }] },
  }
  const opened = open({
    registration: CLIENT,
    addresses: { issuer: ISSUER },
    clock: () => START,
    monotonic: () => 0,
  })
  const { emailProof } = await opened.redeem(
    { code: 'c', issuer: null },
    { nonce: 'n', verifier: 'v'.repeat(43) },
    async (url) => Response.json(documents[new URL(url).pathname]),
  )
  return emailProof
}
