import { suspicionOf } from '../../domain/events/stream-suspicion.ts'
import { secondsAfter } from '../../domain/shared/instants.ts'
import type {
  AcknowledgedDelivery,
  DeliveryAudit,
} from '../../ports/driven/events/delivery-audit.ts'
import type { StoredEvents, StreamPosition } from '../../ports/driven/events/event-streams.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import type { Log } from '../../ports/driven/shared/log.ts'

type Needs = {
  readonly audit: DeliveryAudit
  readonly stored: StoredEvents
  readonly stream: string
  /** How long the stream keeps a message. */
  readonly maxAgeSeconds: number
  /** Tells the relay that there is something to deliver again. */
  readonly wake: () => void
  readonly log: Log
  readonly clock: Clock
}

/** How many events the stream had lost, and are owed again; 0 when all is well or nothing hints at a loss. */
export type AuditStream = () => Promise<number>

/** Messages near the end of their age may go any moment: their absence says nothing. */
const AGE_MARGIN_SECONDS = 3600
const BATCH = 500
/** A replay has an id of its own, and brings the same event. */
const REPLAY_MARK = /:r[^:]+$/

/**
 * Notices cheaply that the stream was deleted, truncated or restored, and only then compares it with the ledger,
 * message by message, and has the missing ones delivered again under their old ids.
 */
export const makeAuditStream = (needs: Needs): AuditStream => {
  const { audit, stored, stream, maxAgeSeconds, wake, log, clock } = needs
  const repair = makeRepair(needs)
  return async () => {
    const present = await stored.position()
    // Without a stream the leg is down and nothing is acknowledged; once it is made anew, this looks again.
    if (present === null) return 0
    const since = secondsAfter(clock(), AGE_MARGIN_SECONDS - maxAgeSeconds)
    const suspicion = suspicionOf(
      await audit.remembered(stream),
      present,
      await audit.acknowledgedSince(stream, since),
    )
    const missing = suspicion === null ? 0 : await repair(present, since)
    await audit.remember(stream, present)
    if (suspicion !== null) log('error', 'auditor.compared', { stream, suspicion, missing })
    if (missing > 0) wake()
    return missing
  }
}

const makeRepair =
  ({ audit, stored, stream }: Needs) =>
  async ({ firstSequence, lastSequence }: StreamPosition, since: Date): Promise<number> => {
    const present = new Set<string>()
    for await (const { messageId } of stored.read(firstSequence, lastSequence))
      if (messageId !== null) present.add(messageId.replace(REPLAY_MARK, ''))
    let missing: AcknowledgedDelivery[] = []
    let owed = 0
    const flush = async () => {
      owed += await audit.oweAgain(stream, missing)
      missing = []
    }
    for await (const delivery of audit.acknowledgements(stream, since)) {
      if (!present.has(delivery.messageId)) missing.push(delivery)
      if (missing.length >= BATCH) await flush()
    }
    await flush()
    return owed
  }
