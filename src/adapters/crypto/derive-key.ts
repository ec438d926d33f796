import { hkdfSync } from 'node:crypto'

/** A secret under the name by which what it made tells which one it was. */
export type MacKey = { readonly id: string; readonly secret: Uint8Array }

const LEAST_SECRET_BYTES = 32

/**
 * The key of one purpose (HKDF-SHA-256, RFC 5869): what is made for one purpose is worth nothing for another.
 * @throws Error for a secret under 32 bytes.
 */
export const deriveKey = (secret: Uint8Array, purpose: string): Uint8Array => {
  if (secret.byteLength < LEAST_SECRET_BYTES) throw new Error('a secret needs at least 32 bytes')
  return new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(), `auth-service ${purpose}`, 32))
}
