import { createHash, randomBytes } from 'node:crypto'
import type { ProviderName } from './names.ts'
import type { Person } from './people.ts'

/** What a user has agreed to. */
export type Grant = {
  readonly provider: ProviderName
  readonly clientId: string
  readonly redirectUri: string
  readonly scopes: readonly string[]
  readonly person: Person
  readonly nonce: string | null
  /** S256 (RFC 7636); null when the client sent none. */
  readonly challenge: string | null
}

export type Grants = {
  /** Makes a code that can be taken once, within ten minutes. */
  issue(grant: Grant): string
  /** Null for a code that is unknown, expired or already taken. */
  take(code: string): Grant | null
  /** Makes an access token for the profile. */
  open(grant: Grant): string
  byToken(provider: ProviderName, token: string): Grant | null
}

const CODE_MILLISECONDS = 10 * 60_000
const ENOUGH = 1000

export const makeGrants = (): Grants => {
  const codes = new Map<string, { readonly grant: Grant; readonly expiresAt: number }>()
  const tokens = new Map<string, Grant>()
  return {
    issue: (grant) => {
      const code = secretText()
      remember(codes, code, { grant, expiresAt: Date.now() + CODE_MILLISECONDS })
      return code
    },
    take: (code) => {
      const found = codes.get(code)
      codes.delete(code)
      return found !== undefined && found.expiresAt > Date.now() ? found.grant : null
    },
    open: (grant) => {
      const token = secretText()
      remember(tokens, token, grant)
      return token
    },
    byToken: (provider, token) => {
      const grant = tokens.get(token)
      return grant?.provider === provider ? grant : null
    },
  }
}

/** Keeps the newest 1 000 entries, because the fake providers may run for weeks. */
const remember = <T>(map: Map<string, T>, key: string, value: T): void => {
  map.set(key, value)
  const [oldest] = map.keys()
  if (map.size > ENOUGH && oldest !== undefined) map.delete(oldest)
}

export const secretText = (): string => randomBytes(32).toString('base64url')

/** Checks a code verifier (RFC 7636 §4.6). Without a challenge there must be no verifier. */
export const isVerifierOf = (challenge: string | null, verifier: string | null): boolean => {
  if (challenge === null) return verifier === null
  if (verifier === null || !/^[\w.~-]{43,128}$/.test(verifier)) return false
  return createHash('sha256').update(verifier).digest('base64url') === challenge
}
