import type { UserEvent } from '../contract/user-event.ts'
import type { ConsumerObserver, ConsumerOutcome, ConsumerTrouble } from './consumer-options.ts'
import type { Delivery } from './delivery.ts'

/** The delivery that a result is about. */
export type Reported = Pick<
  Delivery,
  'subject' | 'stream' | 'sequence' | 'delivery' | 'arrivedAtMs'
>

export type Report = {
  result(about: Reported, event: UserEvent | null, outcome: ConsumerOutcome): void
  trouble(kind: ConsumerTrouble['kind'], fault: unknown): void
}

/** Reports to the observer of one consumer. What the observer throws is ignored. */
export const makeReport = (
  consumer: string,
  observer: ConsumerObserver,
  nowMs: () => number,
): Report => ({
  result: ({ subject, stream, sequence, delivery, arrivedAtMs }, event, outcome) =>
    ignoringFaults(() =>
      observer.onResult?.({
        consumer,
        subject,
        stream,
        sequence,
        delivery,
        eventId: event?.eventId ?? null,
        userId: event?.userId ?? null,
        version: event?.version ?? null,
        seconds: (nowMs() - arrivedAtMs) / 1000,
        ...outcome,
      }),
    ),
  trouble: (kind, fault) => ignoringFaults(() => observer.onTrouble?.({ consumer, kind, fault })),
})

const ignoringFaults = (call: () => void): void => {
  try {
    call()
  } catch {
    // A broken observer must not stop the consumer.
  }
}
