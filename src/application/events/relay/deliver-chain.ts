import { backOffMilliseconds } from '../../../domain/events/back-off.ts'
import { PublishFailure } from '../../../domain/events/publish-failure.ts'
import type { ShardLease } from '../../../domain/events/shard-lease.ts'
import { sendsNewestOnly } from '../../../domain/events/user-event.ts'
import type { UserId } from '../../../domain/shared/ids.ts'
import { secondsAfter, secondsBetween } from '../../../domain/shared/instants.ts'
import type {
  Acknowledgement,
  Deliveries,
  Delivery,
} from '../../../ports/driven/events/deliveries.ts'
import type { DeliveryMeasurements } from '../../../ports/driven/events/delivery-measurements.ts'
import type { Clock, Monotonic } from '../../../ports/driven/shared/clock.ts'
import type { Log } from '../../../ports/driven/shared/log.ts'
import type { ChannelSender } from './channel-sender.ts'

/** Resolves once the acknowledgement is written, or is left unwritten because the relay stops. */
export type Acknowledge = (acknowledgement: Acknowledgement) => Promise<void>

type Needs = {
  readonly deliveries: Deliveries
  readonly sender: ChannelSender
  readonly leaseFor: (user: UserId) => ShardLease | null
  readonly acknowledge: Acknowledge
  readonly measurements: DeliveryMeasurements
  readonly log: Log
  readonly clock: Clock
  readonly monotonic: Monotonic
  /** A send that takes longer than this is logged. */
  readonly slowMilliseconds: number
  /** A number in [0, 1), for jitter. */
  readonly chance: () => number
}

/** How a chain ended. None of its messages is in flight any more. */
export type ChainEnd = {
  /** False when the chain was broken off. A later poll takes up what is left of it. */
  readonly wentOn: boolean
  /** Resolves once its acknowledgements are written, or left unwritten because the relay stops. */
  readonly written: Promise<unknown>
}

export type DeliverChain = (chain: readonly Delivery[], stopping: AbortSignal) => Promise<ChainEnd>

type Send = {
  readonly delivery: Delivery
  /** The delivery that waits for the next attempt when this one fails. */
  readonly waiting: Delivery
}
type Attempt = Send & { readonly lease: ShardLease }

/**
 * Delivers consecutive versions of one user, each after the acknowledgement of the version before. A failure that may pass
 * ends the chain, because a later version must not overtake. A permanent failure parks that one event, and the chain goes
 * on. Where a channel sends the newest version only, the oldest delivery waits after a failure, because it holds back all
 * the others.
 */
export const makeDeliverChain = (needs: Needs): DeliverChain => {
  const { sender, leaseFor, acknowledge, measurements, clock, monotonic } = needs
  const recordFailure = makeRecordFailure(needs)

  /** True when the next version may follow. */
  const deliver = async (attempt: Attempt, writes: Promise<void>[]): Promise<boolean> => {
    const { delivery } = attempt
    const startedAt = monotonic()
    try {
      const receipt = await sender.send(delivery)
      logIfSlow(needs, delivery, monotonic() - startedAt)
      const at = clock()
      // A replay says nothing about how long a change takes to arrive.
      if (delivery.replayId === null)
        measurements.delivered(delivery.channel, secondsBetween(delivery.event.occurredAt, at))
      writes.push(acknowledge({ delivery, receipt, at }))
      return true
    } catch (fault) {
      if (!(fault instanceof PublishFailure)) throw fault
      return recordFailure(attempt, fault)
    }
  }

  return async (chain, stopping) => {
    const writes: Promise<void>[] = []
    let wentOn = true
    for (const { delivery, waiting } of sendsOf(chain)) {
      // Asked before each message, because the lease may have ended during the message before.
      const lease = leaseFor(delivery.event.userId)
      const maySend = lease !== null && sender.isReady() && !stopping.aborted
      wentOn = maySend && (await deliver({ delivery, waiting, lease }, writes))
      if (!wentOn) break
    }
    return { wentOn, written: Promise.all(writes) }
  }
}

const sendsOf = (chain: readonly Delivery[]): readonly Send[] => {
  const oldest = chain[0]
  const newest = chain.at(-1)
  if (oldest === undefined || newest === undefined) return []
  return sendsNewestOnly(newest.channel)
    ? [{ delivery: newest, waiting: oldest }]
    : chain.map((delivery) => ({ delivery, waiting: delivery }))
}

const logIfSlow = (
  { slowMilliseconds, log }: Needs,
  { channel, event }: Delivery,
  milliseconds: number,
): void => {
  if (milliseconds <= slowMilliseconds) return
  log('warn', 'relay.slow-publish', {
    channel,
    eventId: event.eventId,
    userId: event.userId,
    milliseconds: Math.round(milliseconds),
  })
}

/** Parks the delivery or has it wait. True when the next version may follow: only after a delivery was parked. */
const makeRecordFailure =
  ({ deliveries, measurements, log, clock, chance }: Needs) =>
  async ({ delivery, waiting, lease }: Attempt, failure: PublishFailure): Promise<boolean> => {
    const { channel, event } = delivery
    const { attempts } = waiting
    const fields = { channel, eventId: event.eventId, userId: event.userId, attempts }
    const isFinal = failure.kind === 'permanent'
    const waitSeconds = backOffMilliseconds(attempts, chance()) / 1000
    const isRecorded = isFinal
      ? await deliveries.park(delivery, lease, failure.message)
      : await deliveries.retryAt(
          waiting,
          lease,
          secondsAfter(clock(), waitSeconds),
          failure.message,
        )
    if (!isRecorded) {
      measurements.fenced(channel)
      log('warn', 'relay.fenced', { ...fields, shard: lease.shard })
      return false
    }
    measurements.deliveryFailed(channel, failure.kind)
    if (isFinal) log('error', 'relay.parked', fields, failure)
    else log('warn', 'relay.retry', { ...fields, kind: failure.kind, waitSeconds })
    return isFinal
  }
