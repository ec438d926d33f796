import type { NatsConnection } from 'nats'
import type { DeadLetterReason } from './dead-letter.ts'
import type { Store } from './store.ts'
import type { SchemaVersion, UserEventSubject } from './subjects.ts'
import type { UserEvent } from './user-event.ts'

export type ConsumerLimits = {
  /** How long the server waits for a word about a delivery before it delivers again. */
  readonly ackWaitSeconds: number
  /** How often a message is delivered before it becomes a dead letter. */
  readonly deliveries: number
  /** Back-pressure: how many messages the server hands out, to all instances together, that are not acknowledged. */
  readonly maxAckPending: number
  /** How many handlers run at once in this process, each for another user. */
  readonly concurrency: number
  readonly firstRetrySeconds: number
  readonly lastRetrySeconds: number
}

export const DEFAULT_LIMITS: ConsumerLimits = {
  ackWaitSeconds: 30,
  deliveries: 10,
  maxAckPending: 256,
  concurrency: 8,
  firstRetrySeconds: 1,
  lastRetrySeconds: 300,
}

/** Which delivery a result is about. The ids are null when the message could not be read. */
export type Consumed = {
  readonly consumer: string
  readonly subject: string
  readonly stream: string
  readonly sequence: number
  /** 1 for the first. */
  readonly delivery: number
  readonly eventId: string | null
  readonly userId: string | null
  readonly version: number | null
  /** From the arrival in this process. */
  readonly seconds: number
}

/**
 * What became of a delivery.
 * - `applied`: the handler's transaction is committed.
 * - `gap`: the same, and versions in between have not been seen; each event holds the whole state.
 * - `stale`, `duplicate`: not handled, since a newer version or this event is applied.
 * - `conflict`: not handled; the same version was applied from another event, which only happens when the service's
 *   database was restored. Raise an alarm.
 * - `retry`: the handler failed; it comes again after the delay.
 * - `dead-letter`: given up and stored as such. Raise an alarm.
 */
export type ConsumerOutcome =
  | { readonly kind: 'applied' | 'stale' | 'duplicate' | 'conflict' }
  | { readonly kind: 'gap'; readonly skipped: number }
  | { readonly kind: 'retry'; readonly delaySeconds: number; readonly fault: unknown }
  | { readonly kind: 'dead-letter'; readonly reason: DeadLetterReason; readonly detail: string }

export type ConsumerResult = Consumed & ConsumerOutcome

/** What hinders the consumer as a whole. It goes on trying by itself, but for a connection that was closed for good. */
export type ConsumerTrouble = {
  readonly consumer: string
  readonly kind:
    | 'cannot-consume'
    | 'cannot-reach-store'
    | 'cannot-store-dead-letter'
    | 'cannot-acknowledge'
    | 'connection-closed'
  readonly fault: unknown
}

/** For logs and metrics. What these throw is ignored. */
export type ConsumerObserver = {
  onResult?(result: ConsumerResult): void
  onTrouble?(trouble: ConsumerTrouble): void
}

export type ConsumeOptions<Version extends SchemaVersion, Tx> = {
  /** Of the package `nats`, made with `inboxPrefix: '_INBOX.<user>'`, and with `maxReconnectAttempts: -1`. */
  readonly connection: NatsConnection
  /** Names the durable consumer, and the direct and the dead-letter subject. Instances of one consumer share it. */
  readonly name: string
  readonly version: Version
  readonly store: Store<Tx>
  /**
   * Applies the event. Whatever it writes, it writes through `tx`. When it rejects, all is rolled back, and the event
   * comes again.
   */
  readonly handle: (event: UserEvent<Version>, tx: Tx) => Promise<void>
  /** Where this version is published, by default `user.events` for 1 and `user.events.v2` for 2. */
  readonly subject?: UserEventSubject
  readonly limits?: Partial<ConsumerLimits>
  readonly observer?: ConsumerObserver
}

export type UserEventConsumer = {
  /** Resolves once both subjects are read for the first time; rejects when it is stopped before. */
  readonly ready: Promise<void>
  /** Takes no more messages, lets running handlers finish and acknowledge, and resolves. The connection stays open. */
  stop(): Promise<void>
}

/**
 * Begins to consume, and goes on until `stop`: neither a missing stream nor a server that is away ends it.
 * Rejects with a TypeError for options that can never work.
 */
export type ConsumeUserEvents = <Version extends SchemaVersion, Tx>(
  options: ConsumeOptions<Version, Tx>,
) => Promise<UserEventConsumer>
