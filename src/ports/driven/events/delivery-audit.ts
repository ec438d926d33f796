import type { Channel } from '../../../domain/events/user-event.ts'
import type { UserId } from '../../../domain/shared/ids.ts'
import type { StreamPosition } from './event-streams.ts'

/** What the ledger believes that a stream holds. */
export type AcknowledgedDelivery = {
  readonly channel: Channel
  readonly userId: UserId
  readonly version: number
  /** The id that its message was published under. */
  readonly messageId: string
}

/** The ledger against the broker: a broker acknowledges before its disk has the message, so the ledger is the truth. */
export type DeliveryAudit = {
  /** The stream as it was last found to be right; null before the first time. */
  remembered(stream: string): Promise<StreamPosition | null>
  remember(stream: string, position: StreamPosition): Promise<void>
  /** The ends of what was acknowledged since that instant, and whether a lower one came after the highest; null without any. */
  acknowledgedSince(
    stream: string,
    since: Date,
  ): Promise<{
    readonly lowest: number
    readonly highest: number
    readonly ranBackwards: boolean
  } | null>
  /** Everything acknowledged since that instant, in commit order. */
  acknowledgements(stream: string, since: Date): AsyncIterable<AcknowledgedDelivery>
  /** Owes these again, in version order for each user; answers how many. What is owed already stays as it is. */
  oweAgain(stream: string, missing: readonly AcknowledgedDelivery[]): Promise<number>
}
