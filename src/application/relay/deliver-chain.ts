import { backOffMilliseconds } from '../../domain/back-off.ts'
import { secondsAfter, secondsBetween } from '../../domain/instants.ts'
import { PublishFailure } from '../../domain/publish-failure.ts'
import type { Clock } from '../../ports/driven/clock.ts'
import type { Deliveries, Delivery } from '../../ports/driven/deliveries.ts'
import type { Receipt } from '../../ports/driven/event-publisher.ts'
import type { Log } from '../../ports/driven/log.ts'
import type { Measurements } from '../../ports/driven/measurements.ts'
import type { Acknowledge } from './acknowledge-in-batches.ts'

/**
 * Sends one event over its channel.
 * @throws PublishFailure
 */
export type Send = (delivery: Delivery) => Promise<Receipt>

type Needs = {
  readonly deliveries: Deliveries
  readonly send: Send
  readonly acknowledge: Acknowledge
  readonly measurements: Measurements
  readonly log: Log
  readonly clock: Clock
  /** A number in [0, 1), for jitter. */
  readonly chance: () => number
}

export type DeliverChain = (chain: readonly Delivery[], stopping: AbortSignal) => Promise<void>

/**
 * Delivers consecutive versions of one user, each after the acknowledgement of the one before. A failure that may pass
 * ends the chain, since a later version must not overtake; one that cannot pass sets only that event aside.
 */
export const makeDeliverChain = (needs: Needs): DeliverChain => {
  const deliver = makeDeliver(needs)
  return async (chain, stopping) => {
    const writes: Promise<void>[] = []
    for (const delivery of chain) {
      if (stopping.aborted || !(await deliver(delivery, writes))) break
    }
    await Promise.all(writes)
  }
}

const makeDeliver =
  ({ deliveries, send, acknowledge, measurements, log, clock, chance }: Needs) =>
  async (delivery: Delivery, writes: Promise<void>[]): Promise<boolean> => {
    const { channel, event, attempts } = delivery
    const fields = { channel, eventId: event.eventId, userId: event.userId, attempts }
    try {
      const receipt = await send(delivery)
      const at = clock()
      measurements.delivered(channel, secondsBetween(event.occurredAt, at))
      writes.push(acknowledge({ delivery, receipt, at }))
      return true
    } catch (fault) {
      if (!(fault instanceof PublishFailure)) throw fault
      measurements.deliveryFailed(channel, fault.kind)
      if (fault.kind === 'permanent') {
        log('error', 'relay.parked', fields, fault)
        await deliveries.park(delivery, fault.message)
        return true
      }
      const waitSeconds = backOffMilliseconds(attempts, chance()) / 1000
      log('warn', 'relay.retry', { ...fields, kind: fault.kind, waitSeconds })
      await deliveries.retryAt(delivery, secondsAfter(clock(), waitSeconds), fault.message)
      return false
    }
  }
