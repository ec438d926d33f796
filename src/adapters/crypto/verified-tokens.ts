import type { AccessClaims } from '../../domain/sessions/access-claims.ts'

/** Remembers tokens whose signature has been checked; whether they are in time is asked anew each time. */
export type VerifiedTokens = {
  get(token: string): AccessClaims | null
  set(token: string, claims: AccessClaims): void
}

const CAPACITY = 4096

/** The oldest entry goes first. A client sends one token many times, and a check of ES256 is the dearest part of it. */
export const makeVerifiedTokens = (capacity = CAPACITY): VerifiedTokens => {
  const known = new Map<string, AccessClaims>()
  return {
    get: (token) => known.get(token) ?? null,
    set: (token, claims) => {
      if (known.has(token)) return
      const [oldest] = known.size < capacity ? [] : known.keys()
      if (oldest !== undefined) known.delete(oldest)
      known.set(token, claims)
    },
  }
}
