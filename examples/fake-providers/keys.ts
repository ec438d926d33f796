import type { KeyObject } from 'node:crypto'
import { generateKeyPair, randomUUID } from 'node:crypto'
import { promisify } from 'node:util'

export type KeyPair = {
  readonly kid: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

export type Algorithm = 'RS256' | 'ES256'

/** The signing keys of one provider, made when first needed. */
export type Keys = {
  current(algorithm: Algorithm): Promise<KeyPair>
  /** A key that is never published. */
  stranger(algorithm: Algorithm): Promise<KeyPair>
  /** From now on tokens are signed by a new key, which is published next to the old one. */
  rotate(): void
  /** A JWK set (RFC 7517) of the public keys of one algorithm, the newest first. */
  published(algorithm: Algorithm): Promise<{ readonly keys: readonly object[] }>
}

const make = promisify(generateKeyPair)

const makeKeyPair = async (algorithm: Algorithm): Promise<KeyPair> => ({
  kid: randomUUID(),
  ...(algorithm === 'RS256'
    ? await make('rsa', { modulusLength: 2048 })
    : await make('ec', { namedCurve: 'P-256' })),
})

export const makeKeys = (): Keys => {
  const all: Record<Algorithm, Promise<KeyPair>[]> = { RS256: [], ES256: [] }
  const strangers: Partial<Record<Algorithm, Promise<KeyPair>>> = {}
  const known = (algorithm: Algorithm): readonly Promise<KeyPair>[] => {
    if (all[algorithm].length === 0) all[algorithm].push(makeKeyPair(algorithm))
    return all[algorithm]
  }
  return {
    current: async (algorithm) => {
      const [newest = makeKeyPair(algorithm)] = known(algorithm)
      return newest
    },
    stranger: (algorithm) => {
      const stranger = strangers[algorithm] ?? makeKeyPair(algorithm)
      strangers[algorithm] = stranger
      return stranger
    },
    rotate: () => {
      for (const algorithm of ['RS256', 'ES256'] as const)
        if (all[algorithm].length > 0) all[algorithm].unshift(makeKeyPair(algorithm))
    },
    published: async (algorithm) => {
      const pairs = await Promise.all(known(algorithm))
      return {
        keys: pairs.map(({ kid, publicKey }) => ({
          ...publicKey.export({ format: 'jwk' }),
          kid,
          alg: algorithm,
          use: 'sig',
        })),
      }
    },
  }
}
