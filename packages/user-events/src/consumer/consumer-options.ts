import type { NatsConnection } from 'nats'
import type { DeadLetterReason } from '../codec/dead-letter.ts'
import type { SchemaVersion, UserEventSubject } from '../contract/subjects.ts'
import type { UserEvent } from '../contract/user-event.ts'
import type { Store } from '../stores/store.ts'

export type ConsumerLimits = {
  /** How long the server waits for an answer to a delivery before it delivers the message again. */
  readonly ackWaitSeconds: number
  /** How often a message is delivered before it becomes a dead letter. */
  readonly deliveries: number
  /** Back-pressure: the most unacknowledged messages, of all instances together. */
  readonly maxAckPending: number
  /** The most handlers that run at the same time in this process, each for another user. */
  readonly concurrency: number
  /**
   * How long a handler may run. Then its signal is aborted. If it goes on for 5 more seconds, it is given up: its transaction
   * is rolled back, and the event counts as failed.
   */
  readonly handlerSeconds: number
  readonly firstRetrySeconds: number
  readonly lastRetrySeconds: number
}

export const DEFAULT_LIMITS: ConsumerLimits = {
  ackWaitSeconds: 30,
  deliveries: 10,
  maxAckPending: 256,
  concurrency: 8,
  handlerSeconds: 30,
  firstRetrySeconds: 1,
  lastRetrySeconds: 300,
}

/** The limits with their defaults. Throws a TypeError for limits that cannot work. */
export const completeLimits = (given: Partial<ConsumerLimits>): ConsumerLimits => {
  const limits = { ...DEFAULT_LIMITS, ...given }
  for (const [name, value] of Object.entries(limits))
    if (!(Number.isFinite(value) && value > 0)) throw new TypeError(`${name} is not above zero`)
  for (const name of ['deliveries', 'maxAckPending', 'concurrency'] as const)
    if (!Number.isSafeInteger(limits[name])) throw new TypeError(`${name} is not a whole number`)
  return limits
}

/** The delivery that a result is about. The ids are null when the message could not be read. */
export type Consumed = {
  readonly consumer: string
  readonly subject: string
  readonly stream: string
  readonly sequence: number
  /** 1 for the first delivery of the message. */
  readonly delivery: number
  readonly eventId: string | null
  readonly userId: string | null
  readonly version: number | null
  /** Since the message arrived in this process. */
  readonly seconds: number
}

/**
 * What became of a delivery.
 * - `applied`: the handler's transaction is committed.
 * - `gap`: the same, and versions in between were not seen. Each event holds the whole state.
 * - `stale`, `duplicate`: not handled, because a newer version or this very event was applied before.
 * - `conflict`: not handled; the same version was applied from another event. This happens only after the service's
 *   database was restored. Raise an alarm.
 * - `retry`: the handler failed; the message is delivered again after the delay.
 * - `dead-letter`: parked, and stored as a dead letter. Raise an alarm.
 */
export type ConsumerOutcome =
  | { readonly kind: 'applied' | 'stale' | 'duplicate' | 'conflict' }
  | { readonly kind: 'gap'; readonly skipped: number }
  | { readonly kind: 'retry'; readonly delaySeconds: number; readonly fault: unknown }
  | { readonly kind: 'dead-letter'; readonly reason: DeadLetterReason; readonly detail: string }

export type ConsumerResult = Consumed & ConsumerOutcome

/**
 * What hinders the consumer. It keeps trying by itself, except after the connection was closed for good. `handler-slow` is
 * about one handler, which has run for `limits.handlerSeconds`; the fault names its event.
 */
export type ConsumerTrouble = {
  readonly consumer: string
  readonly kind:
    | 'cannot-consume'
    | 'cannot-reach-store'
    | 'cannot-store-dead-letter'
    | 'cannot-acknowledge'
    | 'handler-slow'
    | 'connection-closed'
  readonly fault: unknown
}

/** For logs and metrics. What these functions throw is ignored. */
export type ConsumerObserver = {
  onResult?(result: ConsumerResult): void
  onTrouble?(trouble: ConsumerTrouble): void
}

export type DeliverFrom = 'all' | 'new'

export type HandlerContext = {
  /**
   * Aborted when the handler has run for `limits.handlerSeconds`. Pass it to calls that can wait, such as `fetch`. After it is
   * aborted, write nothing through `tx`, because the transaction may be over.
   */
  readonly signal: AbortSignal
}

export type ConsumeOptions<Version extends SchemaVersion, Tx> = {
  /** A connection of the package `nats`, made with `inboxPrefix: '_INBOX.<user>'` and `maxReconnectAttempts: -1`. */
  readonly connection: NatsConnection
  /** The name of the durable consumer, of its direct subject and its dead-letter subject. All instances use the same. */
  readonly name: string
  readonly version: Version
  readonly store: Store<Tx>
  /**
   * Applies the event. It must write everything through `tx`. When it rejects, everything is rolled back, and the event is
   * delivered again.
   */
  readonly handle: (event: UserEvent<Version>, tx: Tx, context: HandlerContext) => Promise<void>
  /** The subject of this version, by default `user.events` for 1 and `user.events.v2` for 2. */
  readonly subject?: UserEventSubject
  /**
   * Where a new consumer begins: with everything that the stream keeps (`all`, the default), or with what is published from
   * now on (`new`). It decides only when the durable consumer is created; a consumer that was away gets what it missed.
   * Messages for this consumer alone are always read from the first.
   */
  readonly deliver?: DeliverFrom
  readonly limits?: Partial<ConsumerLimits>
  readonly observer?: ConsumerObserver
}

export type UserEventConsumer = {
  /** Resolves once both subjects are being read; rejects when the consumer is stopped before. */
  readonly ready: Promise<void>
  /**
   * Takes no more messages, lets running handlers finish and acknowledge, and resolves: at the latest 30 seconds after the
   * limit of a handler, whatever hangs. What is not finished by then is delivered again. The connection stays open.
   */
  stop(): Promise<void>
}

/**
 * Starts to consume and goes on until `stop`. A missing stream or an unreachable server does not end it. Rejects with a
 * TypeError for options that can never work.
 */
export type ConsumeUserEvents = <Version extends SchemaVersion, Tx>(
  options: ConsumeOptions<Version, Tx>,
) => Promise<UserEventConsumer>
