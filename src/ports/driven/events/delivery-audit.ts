import type { StreamPosition } from '../../../domain/events/stream-report.ts'
import type { Channel } from '../../../domain/events/user-event.ts'
import type { UserId } from '../../../domain/shared/ids.ts'

/** A delivery that the ledger records as stored by the stream. */
export type AcknowledgedDelivery = {
  readonly channel: Channel
  readonly userId: UserId
  readonly version: number
  /** The id that its message was published with. */
  readonly messageId: string
}

/**
 * What the ledger records about a stream. A broker acknowledges a message before it is on disk, so the ledger is the
 * source of truth. Its own clock counts, because an instance with a wrong clock would look for messages that the stream has
 * long let go of.
 */
export type DeliveryAudit = {
  /** The stream as it was when it was last found complete; null before the first time. */
  remembered(stream: string): Promise<StreamPosition | null>
  remember(stream: string, position: StreamPosition): Promise<void>
  /**
   * The lowest and the highest sequence acknowledged within so many seconds before now, and whether a lower one came after the highest;
   * null when nothing was acknowledged.
   */
  acknowledgedWithin(
    stream: string,
    seconds: number,
  ): Promise<{
    readonly lowest: number
    readonly highest: number
    readonly ranBackwards: boolean
  } | null>
  /** Everything acknowledged within so many seconds before now, in commit order. */
  acknowledgements(stream: string, seconds: number): AsyncIterable<AcknowledgedDelivery>
  /**
   * Puts these deliveries back into the outbox, in version order for each user, and answers how many. A delivery that is
   * already pending stays as it is.
   */
  enqueueAgain(stream: string, missing: readonly AcknowledgedDelivery[]): Promise<number>
}
