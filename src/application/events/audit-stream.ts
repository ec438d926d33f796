import type { StreamPosition } from '../../domain/events/stream-report.ts'
import { suspicionOf } from '../../domain/events/stream-suspicion.ts'
import { secondsAfter } from '../../domain/shared/instants.ts'
import type {
  AcknowledgedDelivery,
  DeliveryAudit,
} from '../../ports/driven/events/delivery-audit.ts'
import type { StoredEvents } from '../../ports/driven/events/event-streams.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import type { Log } from '../../ports/driven/shared/log.ts'

type Needs = {
  readonly audit: DeliveryAudit
  readonly stored: Pick<StoredEvents, 'position' | 'read'>
  readonly stream: string
  /** How long the stream keeps a message. */
  readonly maxAgeSeconds: number
  /** Wakes the relay, because there is something to deliver again. */
  readonly wake: () => void
  readonly log: Log
  readonly clock: Clock
}

/** Answers how many events the stream had lost and are pending again; 0 when nothing hints at a loss. */
export type AuditStream = () => Promise<number>

/** Messages near the end of their age may go at any moment, so their absence proves nothing. */
const AGE_MARGIN_SECONDS = 3600
const BATCH = 500
/** A replay has a message id of its own and carries the same event. */
const REPLAY_SUFFIX = /:r[^:]+$/

/**
 * Checks with a few numbers whether the stream was deleted, truncated or restored. Only then it compares the stream with
 * the ledger, message by message, and has the missing messages delivered again under their old ids.
 */
export const makeAuditStream = (needs: Needs): AuditStream => {
  const { audit, stored, stream, maxAgeSeconds, wake, log, clock } = needs

  const enqueueMissing = async (position: StreamPosition, since: Date): Promise<number> => {
    const present = new Set<string>()
    for await (const { messageId } of stored.read(position.firstSequence, position.lastSequence))
      if (messageId !== null) present.add(messageId.replace(REPLAY_SUFFIX, ''))
    let missing: AcknowledgedDelivery[] = []
    let enqueued = 0
    for await (const delivery of audit.acknowledgements(stream, since)) {
      if (!present.has(delivery.messageId)) missing.push(delivery)
      if (missing.length < BATCH) continue
      enqueued += await audit.enqueueAgain(stream, missing)
      missing = []
    }
    return enqueued + (await audit.enqueueAgain(stream, missing))
  }

  return async () => {
    const present = await stored.position()
    // Without a stream nothing is published or acknowledged. The audit runs again once the stream exists.
    if (present === null) return 0
    const since = secondsAfter(clock(), AGE_MARGIN_SECONDS - maxAgeSeconds)
    const suspicion = suspicionOf(
      await audit.remembered(stream),
      present,
      await audit.acknowledgedSince(stream, since),
    )
    const missing = suspicion === null ? 0 : await enqueueMissing(present, since)
    await audit.remember(stream, present)
    if (suspicion !== null) log('error', 'auditor.compared', { stream, suspicion, missing })
    if (missing > 0) wake()
    return missing
  }
}
