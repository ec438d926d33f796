import type { KeyObject } from 'node:crypto'
import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto'

export const KEY_STATUSES = ['next', 'active', 'retired'] as const
export type KeyStatus = (typeof KEY_STATUSES)[number]

/** A public key on P-256, the curve of ES256 (RFC 7518 §3.4). */
export type PublicJwk = {
  readonly kty: 'EC'
  readonly crv: 'P-256'
  readonly x: string
  readonly y: string
}

export type SigningKey = {
  /** RFC 7638 thumbprint: a name that nobody can give to another key. */
  readonly kid: string
  readonly status: KeyStatus
  readonly publicJwk: PublicJwk
  /** Null when only the public half was kept. A KeyObject does not print what it holds. */
  readonly privateKey: KeyObject | null
}

/** All of them verify; exactly one, `active` with its private half, signs. */
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

/** What /.well-known/jwks.json shows (RFC 7517): every key that verifies, next ones included, no private member. */
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

/** A first set: one key to sign with and the next one, published ahead of its use. */
export const generateSigningKeys = (): SigningKeys => [
  generateSigningKey('active'),
  generateSigningKey('next'),
]

/**
 * Moves every key one step on and adds the fresh one as next. In a set without a next key the active one stays:
 * a key that was never published must not sign.
 */
export const rotate = (keys: SigningKeys, fresh: SigningKey): SigningKeys => {
  const isReady = keys.some(({ status }) => status === 'next')
  const moved = isReady ? keys.map((key) => ({ ...key, status: STEP[key.status] })) : keys
  return [...moved, { ...fresh, status: 'next' }]
}

const STEP = { next: 'active', active: 'retired', retired: 'retired' } as const

/** Drops the retired keys. Not before their last token has expired, which the caller sees to. */
export const retire = (keys: SigningKeys): SigningKeys =>
  keys.filter(({ status }) => status !== 'retired')

/** The set as a JWK set with its private members: for the file that only the owner reads. */
export const writeSigningKeys = (keys: SigningKeys): string => {
  const jwks = keys.map(({ kid, status, publicJwk, privateKey }) => {
    const d = privateKey?.export({ format: 'jwk' }).d
    return { ...publicJwk, ...(d === undefined ? {} : { d }), kid, alg: 'ES256', status }
  })
  return `${JSON.stringify({ keys: jwks }, null, 2)}\n`
}
