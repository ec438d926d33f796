import { PublishFailure } from '../../../domain/events/publish-failure.ts'
import { Unavailable } from '../../../domain/shared/unavailable.ts'
import type { EventMessage, EventPublisher } from '../../../ports/driven/events/event-publisher.ts'
import type { Pause } from '../../../ports/driven/shared/pause.ts'

type Needs = { readonly direct: Pick<EventPublisher, 'publish'>; readonly pause: Pause }

const TRIES = 20
const BETWEEN_TRIES_MILLISECONDS = 250

/**
 * Publishes, the same message again as long as that may help: a broker that elects a leader is back within seconds.
 * @throws Unavailable when it is not; PublishFailure, permanent, when it never will.
 */
export type PublishPatiently = (topic: string, message: EventMessage) => Promise<void>

export const makePublishPatiently = ({ direct, pause }: Needs): PublishPatiently => {
  const never = new AbortController().signal
  return async (topic, message) => {
    for (let tries = 1; ; tries += 1) {
      const failure = await failureOf(direct.publish(topic, message))
      if (failure === null) return
      if (!(failure instanceof PublishFailure) || failure.kind === 'permanent') throw failure
      if (tries === TRIES)
        throw new Unavailable('the broker does not confirm', 1, { cause: failure })
      await pause(BETWEEN_TRIES_MILLISECONDS, never)
    }
  }
}

const failureOf = (publishing: Promise<unknown>): Promise<unknown> =>
  publishing.then(
    () => null,
    (failure: unknown) => failure,
  )
