import { randomBytes } from 'node:crypto'
import { readSigningKeys } from '../../adapters/crypto/read-signing-keys.ts'
import type { SigningKey, SigningKeys } from '../../adapters/crypto/signing-keys.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { Secret } from './secret.ts'
import { makeSecret, weaknessOf } from './secret.ts'

/** Reads a JWK set and refuses private keys that were typed by hand instead of generated. */
export const parseSigningKeys = (text: string): Result<SigningKeys, string> => {
  const keys = readSigningKeys(text)
  return keys.ok && keys.value.some(isGuessable)
    ? fail('contains a key that is too easy to guess; make keys with: bun run auth keys generate')
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

/** A secret for making refresh tokens, and its public id, which every token carries. */
export type RefreshKey = { readonly id: string; readonly secret: Secret }

/** Reads `id:secret` pairs, comma-separated: the first makes tokens, all verify them. */
export const parseRefreshKeys = (text: string): Result<readonly RefreshKey[], string> => {
  const pairs = text.split(',').map((pair) => /^([\w-]{1,32}):(\S+)$/.exec(pair.trim()))
  const keys: RefreshKey[] = []
  for (const pair of pairs) {
    const [, id, secret] = pair ?? []
    if (id === undefined || secret === undefined)
      return fail('must be id:secret pairs, comma-separated, the id of 1 to 32 letters and digits')
    const weakness = weaknessOf(secret)
    if (weakness !== null) return fail(weakness)
    keys.push({ id, secret: makeSecret(secret) })
  }
  return new Set(keys.map(({ id }) => id)).size === keys.length
    ? ok(keys)
    : fail('must not give the same id to two secrets')
}

/** A new `id:secret` pair of 256 random bits. */
export const makeRefreshKey = (): string =>
  `${randomBytes(4).toString('hex')}:${randomBytes(32).toString('base64url')}`
