import { directSubjectOf } from '../../../domain/events/consumer-name.ts'
import type { UserEvent } from '../../../domain/events/user-event.ts'
import type { UserEventCodec } from '../../../ports/driven/events/user-event-codec.ts'
import type { Monotonic } from '../../../ports/driven/shared/monotonic.ts'
import type { Pause } from '../../../ports/driven/shared/pause.ts'
import type { PublishPatiently } from './publish-patiently.ts'
import type { Addressed } from './resolve-recipient.ts'

type Needs = {
  readonly codec: UserEventCodec
  readonly publishPatiently: PublishPatiently
  readonly monotonic: Monotonic
  readonly pause: Pause
}

/**
 * Sends events to one consumer on its own subject, under message ids of this replay, at most so many a second. Events of
 * one user have to be neighbours, and go one after the other.
 */
export type SendToConsumer = (
  addressed: Addressed,
  events: readonly UserEvent[],
  replayId: string,
  perSecond: number,
) => Promise<void>

/** Users side by side; few, so that the broker has time for everybody else. */
const USERS_AT_ONCE = 16

export const makeSendToConsumer = (needs: Needs): SendToConsumer => {
  const { codec, publishPatiently, monotonic, pause } = needs
  const never = new AbortController().signal
  return async ({ consumer, subject }, events, replayId, perSecond) => {
    const began = monotonic()
    const chains = chainsOf(events)
    const work = async (): Promise<void> => {
      for (let chain = chains.shift(); chain !== undefined; chain = chains.shift())
        for (const event of chain)
          await publishPatiently(directSubjectOf(consumer), codec.encode(event, subject, replayId))
    }
    await Promise.all(Array.from({ length: USERS_AT_ONCE }, work))
    const left = (events.length / perSecond) * 1000 - (monotonic() - began)
    if (left > 0) await pause(left, never)
  }
}

const chainsOf = (events: readonly UserEvent[]): UserEvent[][] => {
  const chains: UserEvent[][] = []
  for (const event of events) {
    const chain = chains.at(-1)
    if (chain?.[0]?.userId === event.userId) chain.push(event)
    else chains.push([event])
  }
  return chains
}
