import type { SessionId, UserId } from '../../../domain/shared/ids.ts'

/** What instances tell each other, so that none has to wait for its next poll or for a cache entry to age. */
export type Signal =
  /** What is cached about the sessions of this user is out of date. */
  | { readonly kind: 'user-changed'; readonly userId: UserId }
  /** What is cached about this session is out of date. */
  | { readonly kind: 'session-changed'; readonly sessionId: SessionId }
  /** Events of these shards wait for delivery. */
  | { readonly kind: 'events-waiting'; readonly shards: readonly number[] }
  /** An instance released shards or stopped, so others may take them. */
  | { readonly kind: 'shards-freed' }
  /** The sync mode has changed. */
  | { readonly kind: 'mode-changed' }

/** `signals-missed`: signals may have been lost, as after a broken connection. What depends on them has to start anew. */
export type ReceivedSignal = Signal | { readonly kind: 'signals-missed' }

/**
 * Signals between instances, without a guarantee: a signal may be lost, so no signal does not mean that nothing happened. Each is
 * received by every instance, its own included. Equal signals within a few milliseconds may be received as one.
 */
export type Signals = {
  /** Resolves when the signal was sent, or is lost. Does not reject when no instance can be reached. */
  announce(signal: Signal): Promise<void>
  /** Adds a handler. Handlers are called one after the other, in the order of the signals. They must not throw. */
  listen(handler: (signal: ReceivedSignal) => void): void
  /**
   * Whether the signals of other instances are received. False within a second after they no longer are. Before it is true again,
   * the handlers receive `signals-missed`.
   */
  isListening(): boolean
  /** Stops receiving. Can be called again. */
  close(): Promise<void>
}
