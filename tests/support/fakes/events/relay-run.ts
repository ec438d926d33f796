import type { ChannelSender } from '../../../../src/application/events/relay/channel-sender.ts'
import { makeRelay } from '../../../../src/application/events/relay/relay-events.ts'
import type { PublishFailureKind } from '../../../../src/domain/events/publish-failure.ts'
import { PublishFailure } from '../../../../src/domain/events/publish-failure.ts'
import type { Channel, UserEvent } from '../../../../src/domain/events/user-event.ts'
import type { DeliveryMeasurements } from '../../../../src/ports/driven/events/delivery-measurements.ts'
import { givenEvent } from '../../builders/events/given-events.ts'
import { virtualTime } from '../shared/virtual-time.ts'
import { listedDeliveries } from './listed-deliveries.ts'
import { singleOwner } from './listed-leases.ts'

export const CHANNEL = 'nats:user.events'

/** What happens to a message that is sent: `ambiguous-stored` is lost on its way back, `ambiguous-lost` on its way there. */
export type Fate = 'stored' | 'retryable' | 'permanent' | 'ambiguous-stored' | 'ambiguous-lost'

export const silentMeasurements: DeliveryMeasurements = {
  delivered: () => {},
  deliveryFailed: () => {},
  fenced: () => {},
  leases: () => {},
}

export const KIND: Record<Exclude<Fate, 'stored'>, PublishFailureKind> = {
  retryable: 'retryable',
  permanent: 'permanent',
  'ambiguous-stored': 'ambiguous',
  'ambiguous-lost': 'ambiguous',
}

/** Runs the relay over users with so many versions each, on a broker that treats the messages by the given fates. */
export const relayRun = async (
  versionsOfUsers: readonly number[],
  fates: readonly Fate[],
  twin: (send: ChannelSender['send']) => ChannelSender['send'] = (send) => send,
  channel: Channel = CHANNEL,
) => {
  const time = virtualTime()
  const outbox = listedDeliveries()
  const stored: UserEvent[] = []
  const sending = new Set<string>()
  let overlaps = 0
  let sent = 0

  const send: ChannelSender['send'] = async ({ event }) => {
    if (sending.has(event.userId)) overlaps += 1
    sending.add(event.userId)
    const fate = fates[sent++] ?? 'stored'
    await time.pause(5, new AbortController().signal)
    sending.delete(event.userId)
    const isRepeat = stored.some(({ eventId }) => eventId === event.eventId)
    if ((fate === 'stored' || fate === 'ambiguous-stored') && !isRepeat) stored.push(event)
    if (fate !== 'stored') throw new PublishFailure(KIND[fate], fate)
    return { stream: 'USER_EVENTS', sequence: stored.length, duplicate: isRepeat }
  }

  const relay = makeRelay({
    deliveries: outbox.deliveries,
    leases: singleOwner,
    channels: new Map([[channel, { isReady: () => true, sendSeconds: 1, send: twin(send) }]]),
    instance: 'only',
    monotonic: () => time.clock().getTime(),
    measurements: silentMeasurements,
    log: () => {},
    clock: time.clock,
    pause: time.pause,
    chance: () => 0.5,
    isQuiet: () => true,
    slowMilliseconds: 100,
  })
  versionsOfUsers.forEach((versions, user) => {
    for (let version = 1; version <= versions; version += 1)
      outbox.add(channel, givenEvent(user, version, time.clock()))
  })
  relay.start()
  await time.advance(120_000)
  const stopped = relay.stop()
  await time.advance(1_000)
  await stopped
  return { stored, sent, overlaps, inState: outbox.inState }
}

/** How many stored versions are not above the version of the same user before them. */
export const inversions = (stored: readonly UserEvent[]): number => {
  const latest = new Map<string, number>()
  let count = 0
  for (const { userId, version } of stored) {
    if (version <= (latest.get(userId) ?? 0)) count += 1
    latest.set(userId, version)
  }
  return count
}
