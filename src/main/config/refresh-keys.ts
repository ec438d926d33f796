import { randomBytes } from 'node:crypto'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { Secret } from './secret.ts'
import { makeSecret } from './secret.ts'
import { weaknessOf } from './weak-secrets.ts'

/** A secret that refresh tokens are made with, and the public name that a token says it by. */
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
    : fail('must not name two secrets alike')
}

/** A new `id:secret` pair of 256 random bits. */
export const makeRefreshKey = (): string =>
  `${randomBytes(4).toString('hex')}:${randomBytes(32).toString('base64url')}`
