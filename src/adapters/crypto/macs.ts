import { createHash, createHmac, hkdfSync } from 'node:crypto'
import type { Digest, Macs } from '../../ports/driven/shared/digest.ts'

export const digest: Digest = (text) => createHash('sha256').update(text).digest('base64url')

/** A secret with its id. Tokens carry the id, so that the right secret is found to verify them. */
export type MacKey = { readonly id: string; readonly secret: Uint8Array }

const MINIMUM_SECRET_BYTES = 32

/**
 * The key for one purpose (HKDF-SHA-256, RFC 5869). A MAC that was made for one purpose is not valid for another.
 * @throws Error for a secret under 32 bytes.
 */
export const deriveKey = (secret: Uint8Array, purpose: string): Uint8Array => {
  if (secret.byteLength < MINIMUM_SECRET_BYTES) throw new Error('a secret needs at least 32 bytes')
  return new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(), `auth-service ${purpose}`, 32))
}

/**
 * HMAC-SHA-256 under the first key. After a change of the first key, earlier MACs no longer match. Idempotency keys are
 * kept longest, so this matters for 24 hours.
 * @throws Error without a key, and for a secret under 32 bytes.
 */
export const makeMacs = ([first]: readonly MacKey[]): Macs => {
  if (first === undefined) throw new Error('no MAC key was given')
  const keys = {
    identifier: deriveKey(first.secret, 'mac identifier'),
    'idempotency-key': deriveKey(first.secret, 'mac idempotency-key'),
    'idempotency-body': deriveKey(first.secret, 'mac idempotency-body'),
  }
  return {
    of: (purpose, text) => createHmac('sha256', keys[purpose]).update(text).digest('base64url'),
  }
}
