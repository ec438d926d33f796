import type { KeyObject } from 'node:crypto'
import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto'
import type { KeyStatus } from '../../domain/sessions/signing-key.ts'

/** A public key on P-256, the curve of ES256 (RFC 7518 §3.4). */
export type PublicJwk = {
  readonly kty: 'EC'
  readonly crv: 'P-256'
  readonly x: string
  readonly y: string
}

export type SigningKey = {
  /** The RFC 7638 thumbprint, so no other key can have this id. */
  readonly kid: string
  readonly status: KeyStatus
  readonly publicJwk: PublicJwk
  /** Null for a key that only verifies. A KeyObject does not print its value. */
  readonly privateKey: KeyObject | null
}

/** All of these keys verify. Exactly one has the status `active` and its private half: it signs. */
export type SigningKeys = readonly SigningKey[]

export const thumbprint = ({ crv, kty, x, y }: PublicJwk): string =>
  createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url')

export const generateSigningKey = (status: KeyStatus): SigningKey => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { x = '', y = '' } = createPublicKey(privateKey).export({ format: 'jwk' })
  const publicJwk = { kty: 'EC', crv: 'P-256', x, y } as const
  return { kid: thumbprint(publicJwk), status, publicJwk, privateKey }
}

/** The key that signs; null only for a set that `readSigningKeys` would have refused. */
export const activeKey = (keys: SigningKeys): SigningKey | null =>
  keys.find(({ status }) => status === 'active') ?? null

/** The answer of /.well-known/jwks.json (RFC 7517): every key that verifies, those with the status `next` included, without private members. */
export const publicJwks = (keys: SigningKeys) => ({
  keys: keys.map(({ kid, publicJwk: { kty, crv, x, y } }) => ({
    kty,
    crv,
    x,
    y,
    kid,
    use: 'sig',
    alg: 'ES256',
  })),
})

/** A first set: a key that signs, and the next one, which is published before it signs. */
export const generateSigningKeys = (): SigningKeys => [
  generateSigningKey('active'),
  generateSigningKey('next'),
]

/**
 * Moves every key to its next status and adds the fresh key as `next`. In a set without a `next` key the active key
 * stays active, because a key that was never published must not sign.
 */
export const rotate = (keys: SigningKeys, fresh: SigningKey): SigningKeys => {
  const isReady = keys.some(({ status }) => status === 'next')
  const moved = isReady ? keys.map((key) => ({ ...key, status: STEP[key.status] })) : keys
  return [...moved, { ...fresh, status: 'next' }]
}

const STEP = { next: 'active', active: 'retired', retired: 'retired' } as const

/** Removes the retired keys. The caller makes sure that their last token has expired. */
export const retire = (keys: SigningKeys): SigningKeys =>
  keys.filter(({ status }) => status !== 'retired')

/** The keys as a JWK set with private members, for the file that only the owner can read. */
export const writeSigningKeys = (keys: SigningKeys): string => {
  const jwks = keys.map(({ kid, status, publicJwk, privateKey }) => {
    const d = privateKey?.export({ format: 'jwk' }).d
    return { ...publicJwk, ...(d === undefined ? {} : { d }), kid, alg: 'ES256', status }
  })
  return `${JSON.stringify({ keys: jwks }, null, 2)}\n`
}
