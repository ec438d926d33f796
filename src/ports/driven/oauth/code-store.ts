import type { SessionId } from '../../../domain/shared/ids.ts'

/** What a code is exchanged for. The id of its session is chosen before the code is made, so that a replay can end it. */
export type Grant = { readonly sessionId: SessionId }

/** A code that was exchanged for its grant and then presented again. */
export type Replay = {
  readonly sessionId: SessionId
  /** Time since the exchange. A double click comes at once, a thief later. */
  readonly secondsSince: number
}

/**
 * One-time codes (RFC 6749 §4.1.2) that live five minutes. Neither code nor state can be read from the store.
 * @throws Unavailable from each member, within 250 ms.
 */
export type CodeStore<G extends Grant> = {
  /** Makes a code of 256 random bits, as base64url. */
  generateCode(grant: G, state: string): Promise<string>
  /**
   * The grant, once: of many exchanges at the same time one receives it. Null for a code that is unknown, expired or
   * spent. A wrong state answers null too, and spends the code.
   */
  exchangeCode(code: string, state: string): Promise<G | null>
  /** What became of the code of a refused exchange. Null unless the code was exchanged within the last hour. */
  replayOf(code: string): Promise<Replay | null>
}
