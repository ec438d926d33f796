import type { ConsumerObserver, ConsumerOutcome, ConsumerTrouble } from './consumer.ts'
import type { Delivery } from './delivery.ts'
import type { UserEvent } from './user-event.ts'

/** What is known of a delivery that a result is about. */
export type Subject = Pick<Delivery, 'subject' | 'stream' | 'sequence' | 'delivery' | 'arrivedAtMs'>

export type Observe = {
  result(about: Subject, event: UserEvent | null, outcome: ConsumerOutcome): void
  trouble(kind: ConsumerTrouble['kind'], fault: unknown): void
}

/** Tells the observer of one consumer, which cannot disturb it. */
export const makeObserve = (
  consumer: string,
  observer: ConsumerObserver,
  nowMs: () => number,
): Observe => ({
  result: ({ subject, stream, sequence, delivery, arrivedAtMs }, event, outcome) => {
    const about = { consumer, subject, stream, sequence, delivery }
    const whom = {
      eventId: event?.eventId ?? null,
      userId: event?.userId ?? null,
      version: event?.version ?? null,
    }
    const seconds = (nowMs() - arrivedAtMs) / 1000
    quietly(() => observer.onResult?.({ ...about, ...whom, seconds, ...outcome }))
  },
  trouble: (kind, fault) => quietly(() => observer.onTrouble?.({ consumer, kind, fault })),
})

const quietly = (tell: () => void): void => {
  try {
    tell()
  } catch {
    // Consumption must not depend on who looks on.
  }
}
