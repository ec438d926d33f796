import type { Backend } from '../adapters/legacy-http/backend.ts'
import { makeBackend } from '../adapters/legacy-http/backend.ts'
import type { ChannelSender } from '../application/events/relay/channel-sender.ts'
import {
  makeReceiverSender,
  makeSubjectSender,
} from '../application/events/relay/channel-sender.ts'
import type { Channel } from '../domain/events/user-event.ts'
import { channelOf } from '../domain/events/user-event.ts'
import type { UserEventCodec } from '../ports/driven/events/event-publisher.ts'
import type { Clock, Monotonic } from '../ports/driven/shared/clock.ts'
import type { Log } from '../ports/driven/shared/log.ts'
import type { Broker } from './broker.ts'
import type { Config } from './config.ts'

/** The longest that sending one event may take; well under a lease less its renewal. */
export const PUBLISH_SECONDS = 3
const CALL_SECONDS = 5

type World = { readonly log: Log; readonly clock: Clock; readonly monotonic: Monotonic }

/** Backend over HTTP; null where it is not told so. */
export const openBackend = ({ backend }: Config, world: World): Backend | null =>
  backend === null || backend.syncUrl === null
    ? null
    : makeBackend({
        url: backend.syncUrl,
        secrets: backend.secrets.map((secret) => secret.reveal()),
        withinMs: CALL_SECONDS * 1000,
        ...world,
      })

/** Every way that events take out of the outbox, by its channel. */
export const makeLegs = (
  { subjects }: Config,
  broker: Broker,
  backend: Backend | null,
  codec: UserEventCodec,
): ReadonlyMap<Channel, ChannelSender> => {
  const { publisher, isReady: isConnected } = broker
  const needs = { publisher, codec, isConnected, sendSeconds: PUBLISH_SECONDS }
  const legs = new Map<Channel, ChannelSender>(
    subjects.map((subject) => [channelOf(subject), makeSubjectSender(needs, subject)]),
  )
  if (backend !== null)
    legs.set(
      'http:backend',
      makeReceiverSender({ receiver: backend.receiver, codec, sendSeconds: CALL_SECONDS }),
    )
  return legs
}
