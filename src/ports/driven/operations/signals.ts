import type { SessionId, UserId } from '../../../domain/shared/ids.ts'

/** What instances tell each other so that nobody has to wait for a poll or for an age. */
export type Signal =
  /** What is cached about the sessions of this user no longer holds. */
  | { readonly kind: 'user-changed'; readonly userId: UserId }
  /** What is cached about this session no longer holds. */
  | { readonly kind: 'session-changed'; readonly sessionId: SessionId }
  /** Whoever delivers these shards has something to do. */
  | { readonly kind: 'events-waiting'; readonly shards: readonly number[] }
  /** An instance gave shards away or left: others may take them. */
  | { readonly kind: 'shards-freed' }
  /** Another leg may lead by now. */
  | { readonly kind: 'mode-changed' }

/** Signals may have been lost, as after a broken connection: what depends on them starts afresh. */
export type Heard = Signal | { readonly kind: 'signals-missed' }

/**
 * Best effort: a signal may be lost, and none means that nothing happened. Each is heard by every instance, its own too; the
 * same ones at the same moment may be heard as one.
 */
export type Signals = {
  /** Resolves when it was handed over, or lost. Never rejects because nobody could be reached. */
  announce(signal: Signal): Promise<void>
  /** Handlers are called in turn, in the order of arrival, and must not throw. */
  listen(handler: (heard: Heard) => void): void
  /**
   * Whether what others announce is heard. False within a second when it no longer is; before it is true again,
   * listeners hear `signals-missed`.
   */
  isListening(): boolean
  /** Nothing is heard any more. Can be called again. */
  close(): Promise<void>
}
