import { backOffMilliseconds } from '../../../domain/events/back-off.ts'
import { PublishFailure } from '../../../domain/events/publish-failure.ts'
import type { ShardLease } from '../../../domain/events/shard-lease.ts'
import { tellsNewestOnly } from '../../../domain/events/user-event.ts'
import type { UserId } from '../../../domain/shared/ids.ts'
import { secondsAfter, secondsBetween } from '../../../domain/shared/instants.ts'
import type {
  Deliveries,
  Delivery,
  DeliveryReceipt,
} from '../../../ports/driven/events/deliveries.ts'
import type { DeliveryMeasurements } from '../../../ports/driven/events/delivery-measurements.ts'
import type { Clock } from '../../../ports/driven/shared/clock.ts'
import type { Log } from '../../../ports/driven/shared/log.ts'
import type { Monotonic } from '../../../ports/driven/shared/monotonic.ts'
import type { Acknowledge } from './acknowledge-in-batches.ts'

/** The way of one channel. */
export type Leg = {
  /** False while an attempt would be none: not connected, or switched off. */
  isReady(): boolean
  /** The longest that one send may take. */
  readonly sendSeconds: number
  /**
   * Sends one event.
   * @throws PublishFailure
   */
  send(delivery: Delivery): Promise<DeliveryReceipt>
}

type Needs = {
  readonly deliveries: Deliveries
  readonly leg: Leg
  readonly leaseFor: (user: UserId) => ShardLease | null
  readonly acknowledge: Acknowledge
  readonly measurements: DeliveryMeasurements
  readonly log: Log
  readonly clock: Clock
  readonly monotonic: Monotonic
  /** Sends that take longer are told one by one. */
  readonly slowMilliseconds: number
  /** A number in [0, 1), for jitter. */
  readonly chance: () => number
}

/** How a chain ended, once nothing of it is on its way any more. */
export type ChainEnd = {
  /** False when it was broken off: what is left of it is for a later look. */
  readonly wentOn: boolean
  /** Resolves once its acknowledgements are written, or given up. */
  readonly written: Promise<unknown>
}

export type DeliverChain = (chain: readonly Delivery[], stopping: AbortSignal) => Promise<ChainEnd>

/**
 * Delivers consecutive versions of one user, each after the acknowledgement of the one before. A failure that may pass
 * ends the chain, since a later version must not overtake; one that cannot pass sets only that event aside. Where only
 * the newest is sent, the oldest is the one that waits after a failure: it holds back all of them.
 */
export const makeDeliverChain = (needs: Needs): DeliverChain => {
  const { leg, leaseFor } = needs
  const deliver = makeDeliver(needs)
  return async (chain, stopping) => {
    const writes: Promise<void>[] = []
    let wentOn = true
    for (const { delivery, waiting } of sendsOf(chain)) {
      // Asked before each message: a lease may have run out during the one before.
      const lease = leaseFor(delivery.event.userId)
      const maySend = lease !== null && leg.isReady() && !stopping.aborted
      wentOn = maySend && (await deliver({ delivery, waiting, lease }, writes))
      if (!wentOn) break
    }
    return { wentOn, written: Promise.all(writes) }
  }
}

type Send = {
  readonly delivery: Delivery
  /** What is to wait if it fails for now. */
  readonly waiting: Delivery
}
type Try = Send & { readonly lease: ShardLease }

const sendsOf = (chain: readonly Delivery[]): readonly Send[] => {
  const [oldest, newest] = [chain[0], chain.at(-1)]
  if (oldest === undefined || newest === undefined) return []
  return tellsNewestOnly(newest.channel)
    ? [{ delivery: newest, waiting: oldest }]
    : chain.map((delivery) => ({ delivery, waiting: delivery }))
}

/** True when the next version may follow. */
const makeDeliver = (needs: Needs) => {
  const { leg, acknowledge, measurements, clock, monotonic } = needs
  const recordFailure = makeRecordFailure(needs)
  return async (made: Try, writes: Promise<void>[]): Promise<boolean> => {
    const { delivery } = made
    const begunAt = monotonic()
    try {
      const receipt = await leg.send(delivery)
      tellSlow(needs, delivery, monotonic() - begunAt)
      const at = clock()
      // A replay says nothing about how long a change takes to arrive.
      if (delivery.replayId === null)
        measurements.delivered(delivery.channel, secondsBetween(delivery.event.occurredAt, at))
      writes.push(acknowledge({ delivery, receipt, at }))
      return true
    } catch (fault) {
      if (!(fault instanceof PublishFailure)) throw fault
      return recordFailure(made, fault)
    }
  }
}

const tellSlow = (
  { slowMilliseconds, log }: Needs,
  { channel, event: { eventId, userId } }: Delivery,
  milliseconds: number,
): void => {
  if (milliseconds > slowMilliseconds)
    log('warn', 'relay.slow-publish', {
      ...{ channel, eventId, userId },
      milliseconds: Math.round(milliseconds),
    })
}

const makeRecordFailure =
  ({ deliveries, measurements, log, clock, chance }: Needs) =>
  async ({ delivery, waiting, lease }: Try, failure: PublishFailure): Promise<boolean> => {
    const { channel, event } = delivery
    const { attempts } = waiting
    const fields = { channel, eventId: event.eventId, userId: event.userId, attempts }
    const isFinal = failure.kind === 'permanent'
    const waitSeconds = backOffMilliseconds(attempts, chance()) / 1000
    const recorded = isFinal
      ? await deliveries.park(delivery, lease, failure.message)
      : await deliveries.retryAt(
          waiting,
          lease,
          secondsAfter(clock(), waitSeconds),
          failure.message,
        )
    if (!recorded) {
      measurements.fenced(channel)
      log('warn', 'relay.fenced', { ...fields, shard: lease.shard })
      return false
    }
    measurements.deliveryFailed(channel, failure.kind)
    if (isFinal) log('error', 'relay.parked', fields, failure)
    else log('warn', 'relay.retry', { ...fields, kind: failure.kind, waitSeconds })
    return isFinal
  }
