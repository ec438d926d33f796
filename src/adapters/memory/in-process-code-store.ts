import { randomBytes } from 'node:crypto'
import type { CodeStore, Grant } from '../../ports/driven/oauth/code-store.ts'
import type { Monotonic } from '../../ports/driven/shared/clock.ts'

export type InProcessCodeStore<G extends Grant> = CodeStore<G> & {
  /** Removes what has expired, and answers how many entries that were. Call it every minute. */
  sweep(): number
}

type Kept<G> =
  | { readonly kind: 'live'; readonly grant: G; readonly state: string; readonly until: number }
  | { readonly kind: 'exchanged'; readonly grant: G; readonly at: number; readonly until: number }

const CODE_BYTES = 32
const LIFE_MS = 5 * 60_000
/** A spent code is remembered for this time, so that a replay is noticed. */
const REMEMBERED_MS = 60 * 60_000

/** Codes in the memory of this process. The clock is monotonic. */
export const makeInProcessCodeStore = <G extends Grant>(
  now: Monotonic = () => performance.now(),
): InProcessCodeStore<G> => {
  const codes = new Map<string, Kept<G>>()

  const living = (code: string): Kept<G> | null => {
    const kept = codes.get(code)
    return kept !== undefined && kept.until > now() ? kept : null
  }

  return {
    generateCode: async (grant, state) => {
      const code = randomBytes(CODE_BYTES).toString('base64url')
      codes.set(code, { kind: 'live', grant, state, until: now() + LIFE_MS })
      return code
    },
    exchangeCode: async (code, state) => {
      const kept = living(code)
      if (kept?.kind !== 'live') return null
      if (kept.state !== state) {
        codes.delete(code)
        return null
      }
      const at = now()
      codes.set(code, { kind: 'exchanged', grant: kept.grant, at, until: at + REMEMBERED_MS })
      return kept.grant
    },
    replayOf: async (code) => {
      const kept = living(code)
      if (kept?.kind !== 'exchanged') return null
      const { sessionId } = kept.grant
      return { sessionId, secondsSince: Math.floor((now() - kept.at) / 1000) }
    },
    sweep: () => {
      const expired = [...codes].filter(([, { until }]) => until <= now())
      for (const [code] of expired) codes.delete(code)
      return expired.length
    },
  }
}
