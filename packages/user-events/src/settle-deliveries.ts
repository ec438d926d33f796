import type { JsMsg } from 'nats'
import type { ApplyNeeds } from './apply-event.ts'
import { applyEvent, StoreAway } from './apply-event.ts'
import type { ConsumerLimits } from './consumer.ts'
import type { DeadLetterReason } from './dead-letter.ts'
import type { DeadLetterOffice } from './dead-letter-office.ts'
import { decode } from './decode.ts'
import type { Delivery } from './delivery.ts'
import { deliveryOf } from './delivery.ts'
import type { HeldMessages } from './held-messages.ts'
import type { Verdict } from './judge.ts'
import type { Lanes } from './lanes.ts'
import type { Observe } from './observe.ts'
import { delayOf, pause } from './pause.ts'
import type { SchemaVersion } from './subjects.ts'
import type { UserEvent } from './user-event.ts'

export type SettleNeeds<Version extends SchemaVersion, Tx> = ApplyNeeds<Version, Tx> & {
  readonly version: Version
  readonly limits: ConsumerLimits
  readonly held: HeldMessages
  readonly lanes: Lanes
  readonly office: DeadLetterOffice
  readonly observe: Observe
  readonly signal: AbortSignal
  readonly nowMs: () => number
}

export type SettleDeliveries = {
  /** Takes a message: sooner or later it is answered for. */
  accept(message: JsMsg): void
  /** Resolves when no dead letter is on its way any more. */
  lettersSent(): Promise<void>
}

const STORE_FIRST_MS = 250
const STORE_LAST_MS = 30_000

/** From a delivery to the last word about it. */
export const makeSettleDeliveries = <Version extends SchemaVersion, Tx>(
  needs: SettleNeeds<Version, Tx>,
): SettleDeliveries => {
  const { version, limits, held, lanes, office, observe, name } = needs
  const letters = new Set<Promise<void>>()

  const work = async (delivery: Delivery, event: UserEvent<Version>): Promise<void> => {
    try {
      const verdict = await applyWhenStoreIsThere(needs, event)
      if (verdict === null) return
      held.settle(delivery.message, (message) => message.ack())
      observe.result(delivery, event, verdict)
    } catch (fault) {
      if (delivery.delivery >= limits.deliveries)
        giveUp(delivery, event, 'handler-failed', inWords(fault))
      else retry(delivery, event, fault)
    }
  }

  const retry = (delivery: Delivery, event: UserEvent, fault: unknown): void => {
    const { firstRetrySeconds, lastRetrySeconds } = limits
    const delaySeconds = delayOf(delivery.delivery, firstRetrySeconds, lastRetrySeconds)
    held.settle(delivery.message, (message) => message.nak(delaySeconds * 1000))
    observe.result(delivery, event, { kind: 'retry', delaySeconds, fault })
  }

  // Not waited for: the user's next events go on, and the letter is tried until it is stored.
  const giveUp = (
    delivery: Delivery,
    event: UserEvent | null,
    reason: DeadLetterReason,
    detail: string,
  ): void => {
    const { stream, sequence, subject, delivery: attempts, wire, message } = delivery
    const note = { consumer: name, reason, detail, attempts, stream, sequence, subject }
    const sent = office.store(wire, { ...note, at: new Date() }).then((isStored) => {
      letters.delete(sent)
      if (!isStored) return
      held.settle(message, (one) => one.term(reason))
      observe.result(delivery, event, { kind: 'dead-letter', reason, detail })
    })
    letters.add(sent)
  }

  return {
    accept: (message) => {
      held.hold(message)
      // What still arrives at the end is given back.
      if (needs.signal.aborted) return
      const delivery = deliveryOf(message, needs.nowMs())
      const decoded = decode(delivery.wire, version)
      if (!decoded.ok) giveUp(delivery, null, 'malformed', decoded.problem)
      else lanes.add(decoded.event.userId, () => work(delivery, decoded.event))
    },
    lettersSent: async () => {
      await Promise.all(letters)
    },
  }
}

// A store that is away is no fault of an event, so no delivery is spent on it. Null: stopped before it came back.
const applyWhenStoreIsThere = async <Version extends SchemaVersion, Tx>(
  needs: SettleNeeds<Version, Tx>,
  event: UserEvent<Version>,
): Promise<Verdict | null> => {
  for (let attempt = 1; !needs.signal.aborted; attempt += 1) {
    try {
      return await applyEvent(needs, event)
    } catch (fault) {
      if (!(fault instanceof StoreAway)) throw fault
      needs.observe.trouble('cannot-reach-store', fault.cause)
      await pause(delayOf(attempt, STORE_FIRST_MS, STORE_LAST_MS), needs.signal)
    }
  }
  return null
}

const inWords = (fault: unknown): string =>
  fault instanceof Error ? `${fault.name}: ${fault.message}` : String(fault)
