import type { StreamPosition } from '../../domain/events/stream-report.ts'
import { suspicionOf } from '../../domain/events/stream-suspicion.ts'
import type {
  AcknowledgedDelivery,
  DeliveryAudit,
} from '../../ports/driven/events/delivery-audit.ts'
import type { StoredEvents } from '../../ports/driven/events/event-streams.ts'
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
  const { audit, stored, stream, maxAgeSeconds, wake, log } = needs

  /** The ids of the messages that the stream holds. `readOn` adds what was stored since the last reading. */
  const readPresent = async (position: StreamPosition) => {
    const ids = new Set<string>()
    let readTo = position.firstSequence - 1
    const read = async (lastSequence: number): Promise<void> => {
      if (lastSequence <= readTo) return
      for await (const { messageId } of stored.read(readTo + 1, lastSequence))
        if (messageId !== null) ids.add(messageId.replace(REPLAY_SUFFIX, ''))
      readTo = lastSequence
    }
    await read(position.lastSequence)
    return { ids, readOn: async () => read((await stored.position())?.lastSequence ?? readTo) }
  }

  const enqueueMissing = async (position: StreamPosition, keptSeconds: number): Promise<number> => {
    const present = await readPresent(position)
    const isMissing = ({ messageId }: AcknowledgedDelivery) => !present.ids.has(messageId)
    let missing: AcknowledgedDelivery[] = []
    let enqueued = 0
    const enqueue = async (): Promise<void> => {
      if (missing.length === 0) return
      // Events go on being stored and acknowledged, so the ledger knows messages that are newer than the reading of the stream.
      await present.readOn()
      enqueued += await audit.enqueueAgain(stream, missing.filter(isMissing))
      missing = []
    }
    for await (const delivery of audit.acknowledgements(stream, keptSeconds)) {
      if (isMissing(delivery)) missing.push(delivery)
      if (missing.length >= BATCH) await enqueue()
    }
    await enqueue()
    return enqueued
  }

  return async () => {
    const keptSeconds = maxAgeSeconds - AGE_MARGIN_SECONDS
    // The ledger is read before the stream: whatever it knows as acknowledged was stored before the stream is asked.
    const remembered = await audit.remembered(stream)
    const acknowledged = await audit.acknowledgedWithin(stream, keptSeconds)
    const present = await stored.position()
    // Without a stream nothing is published or acknowledged. The audit runs again once the stream exists.
    if (present === null) return 0
    const suspicion = suspicionOf(remembered, present, acknowledged)
    const missing = suspicion === null ? 0 : await enqueueMissing(present, keptSeconds)
    await audit.remember(stream, present)
    if (suspicion !== null)
      log(missing > 0 ? 'error' : 'warn', 'auditor.compared', { stream, suspicion, missing })
    if (missing > 0) wake()
    return missing
  }
}
