import { readSigningKeys } from '../../adapters/crypto/read-signing-keys.ts'
import type { SigningKey, SigningKeys } from '../../adapters/crypto/signing-keys.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail } from '../../domain/shared/result.ts'

/** Reads a JWK set and refuses private keys that somebody typed instead of drawing them. */
export const parseSigningKeys = (text: string): Result<SigningKeys, string> => {
  const keys = readSigningKeys(text)
  return keys.ok && keys.value.some(isGuessable)
    ? fail('holds a key that is too easy to guess; make keys with: bun run auth keys generate')
    : keys
}

// 32 random bytes have fewer than 16 different ones about once in 10^14 keys.
const LEAST_DIFFERENT_BYTES = 16

const isGuessable = ({ privateKey }: SigningKey): boolean => {
  const scalar = privateKey?.export({ format: 'jwk' }).d
  return (
    scalar !== undefined && new Set(Buffer.from(scalar, 'base64url')).size < LEAST_DIFFERENT_BYTES
  )
}
