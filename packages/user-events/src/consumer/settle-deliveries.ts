import type { JsMsg } from 'nats'
import type { DeadLetterReason } from '../codec/dead-letter.ts'
import { decode } from '../codec/decode.ts'
import type { SchemaVersion } from '../contract/subjects.ts'
import type { UserEvent } from '../contract/user-event.ts'
import type { ApplyNeeds } from './apply-event.ts'
import { applyEvent, StoreUnavailable } from './apply-event.ts'
import type { ConsumerLimits } from './consumer-options.ts'
import type { DeadLetterPublisher } from './dead-letter-publisher.ts'
import type { Delivery } from './delivery.ts'
import { deliveryOf } from './delivery.ts'
import type { HeldMessages } from './held-messages.ts'
import type { Verdict } from './judge.ts'
import type { KeyedQueue } from './keyed-queue.ts'
import type { Report } from './report.ts'
import { delayOf, pause } from './retry.ts'

type Needs<Version extends SchemaVersion, Tx> = ApplyNeeds<Version, Tx> & {
  readonly version: Version
  readonly limits: ConsumerLimits
  readonly held: HeldMessages
  readonly queue: KeyedQueue
  readonly deadLetters: DeadLetterPublisher
  readonly report: Report
  readonly signal: AbortSignal
  readonly nowMs: () => number
}

export type SettleDeliveries = {
  /** Takes a message. Every message gets an answer in the end. */
  accept(message: JsMsg): void
  /** Resolves when no dead letter is being published any more. */
  deadLettersSent(): Promise<void>
}

const STORE_FIRST_MS = 250
const STORE_LAST_MS = 30_000

/** Takes each delivery from its arrival to its final answer. */
export const makeSettleDeliveries = <Version extends SchemaVersion, Tx>(
  needs: Needs<Version, Tx>,
): SettleDeliveries => {
  const { name, version, limits, held, queue, deadLetters, report, signal, nowMs } = needs
  const beingPublished = new Set<Promise<void>>()

  const settle = async (delivery: Delivery, event: UserEvent<Version>): Promise<void> => {
    try {
      const verdict = await applyWhenStoreIsThere(needs, event)
      if (verdict === null) return
      held.settle(delivery.message, (message) => message.ack())
      report.result(delivery, event, verdict)
    } catch (fault) {
      if (delivery.delivery >= limits.deliveries)
        parkAsDeadLetter(delivery, event, 'handler-failed', describe(fault))
      else retryLater(delivery, event, fault)
    }
  }

  const retryLater = (delivery: Delivery, event: UserEvent, fault: unknown): void => {
    const { firstRetrySeconds, lastRetrySeconds } = limits
    const delaySeconds = delayOf(delivery.delivery, firstRetrySeconds, lastRetrySeconds)
    held.settle(delivery.message, (message) => message.nak(delaySeconds * 1000))
    report.result(delivery, event, { kind: 'retry', delaySeconds, fault })
  }

  // Nobody waits for it: the user's next events go on while the dead letter is tried until it is stored.
  const parkAsDeadLetter = (
    delivery: Delivery,
    event: UserEvent | null,
    reason: DeadLetterReason,
    detail: string,
  ): void => {
    const { wire, message } = delivery
    const note = {
      consumer: name,
      reason,
      detail,
      attempts: delivery.delivery,
      stream: delivery.stream,
      sequence: delivery.sequence,
      subject: delivery.subject,
      at: new Date(),
    }
    const published = deadLetters.publish(wire, note).then((isStored) => {
      beingPublished.delete(published)
      if (!isStored) return
      held.settle(message, (one) => one.term(reason))
      report.result(delivery, event, { kind: 'dead-letter', reason, detail })
    })
    beingPublished.add(published)
  }

  return {
    accept: (message) => {
      held.hold(message)
      // A message that arrives while the consumer stops stays held, and is given back.
      if (signal.aborted) return
      const delivery = deliveryOf(message, nowMs())
      const decoded = decode(delivery.wire, version)
      if (!decoded.ok) parkAsDeadLetter(delivery, null, 'malformed', decoded.problem)
      else queue.add(decoded.event.userId, () => settle(delivery, decoded.event))
    },
    deadLettersSent: async () => {
      await Promise.all(beingPublished)
    },
  }
}

/**
 * Applies the event once the store can be reached. The event did not cause the fault of an unreachable store, so this uses
 * up no delivery. Null when the consumer stopped first.
 */
const applyWhenStoreIsThere = async <Version extends SchemaVersion, Tx>(
  needs: Needs<Version, Tx>,
  event: UserEvent<Version>,
): Promise<Verdict | null> => {
  for (let attempt = 1; !needs.signal.aborted; attempt += 1) {
    try {
      return await applyEvent(needs, event)
    } catch (fault) {
      if (!(fault instanceof StoreUnavailable)) throw fault
      needs.report.trouble('cannot-reach-store', fault.cause)
      await pause(delayOf(attempt, STORE_FIRST_MS, STORE_LAST_MS), needs.signal)
    }
  }
  return null
}

const describe = (fault: unknown): string =>
  fault instanceof Error ? `${fault.name}: ${fault.message}` : String(fault)
