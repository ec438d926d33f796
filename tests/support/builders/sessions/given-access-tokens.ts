import { createPrivateKey, sign } from 'node:crypto'
import { makeAccessTokens } from '../../../../src/adapters/crypto/access-tokens.ts'
import type { SigningKey, SigningKeys } from '../../../../src/adapters/crypto/signing-keys.ts'
import { generateSigningKey } from '../../../../src/adapters/crypto/signing-keys.ts'

export const ISSUER = 'https://auth.example.com'
export const AUDIENCE = 'auth-service'
const NOW = new Date('2026-11-24T12:00:00.000Z')
export const SECONDS = NOW.getTime() / 1000

export type Json = Record<string, unknown>

/** Access tokens at a fixed instant, with the key that signs them. */
export const givenAccessTokens = async (keys?: SigningKeys) => {
  const signingKeys = keys ?? [generateSigningKey('active')]
  const [key] = signingKeys
  if (key === undefined) throw new Error('no key')
  let now = NOW
  const tokens = await makeAccessTokens({
    keys: signingKeys,
    issuer: ISSUER,
    audience: AUDIENCE,
    lifetimeSeconds: 600,
    clock: () => now,
  })
  const passSeconds = (seconds: number) => {
    now = new Date(now.getTime() + seconds * 1000)
  }
  return { tokens, key, passSeconds }
}

export const genuineHeader = (key: SigningKey): Json => ({
  alg: 'ES256',
  typ: 'at+jwt',
  kid: key.kid,
})

export const genuineClaims = (): Json => ({
  sub: '0198f3a2-0000-7000-8000-000000000001',
  sid: '0198f3a2-0000-7000-8000-000000000002',
  jti: '0198f3a2-0000-7000-8000-000000000003',
  role: 'user',
  ver: 1,
  auth_time: SECONDS,
  client_id: 'first-party',
  iss: ISSUER,
  aud: AUDIENCE,
  iat: SECONDS,
  exp: SECONDS + 600,
})

export const base64url = (text: string): string => Buffer.from(text).toString('base64url')

/** Signs any header and payload, given as JSON text, with the private half of the key. */
export const forgeText = (key: SigningKey, header: string, payload: string): string => {
  if (key.privateKey === null) throw new Error('no private half')
  const input = `${base64url(header)}.${base64url(payload)}`
  const signingKey = createPrivateKey(key.privateKey.export({ format: 'pem', type: 'pkcs8' }))
  const signature = sign('sha256', Buffer.from(input), {
    key: signingKey,
    dsaEncoding: 'ieee-p1363',
  })
  return `${input}.${signature.toString('base64url')}`
}

/** A token signed with the key, with parts of header and claims replaced; undefined leaves a member out. */
export const forge = (key: SigningKey, claims: Json = {}, header: Json = {}): string =>
  forgeText(
    key,
    JSON.stringify({ ...genuineHeader(key), ...header }),
    JSON.stringify({ ...genuineClaims(), ...claims }),
  )
