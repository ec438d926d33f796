import type { ConsumerName } from '../../domain/events/consumer-name.ts'
import { directSubjectOf } from '../../domain/events/consumer-name.ts'
import { PublishFailure } from '../../domain/events/publish-failure.ts'
import { repeatUntil } from '../../domain/shared/repeat-until.ts'
import { Unavailable } from '../../domain/shared/unavailable.ts'
import type { EventMessage, EventPublisher } from '../../ports/driven/events/event-publisher.ts'
import type { Pause } from '../../ports/driven/shared/clock.ts'

type Needs = { readonly direct: Pick<EventPublisher, 'publish'>; readonly pause: Pause }

/**
 * Publishes a message on the subject that only this consumer reads. It repeats the same message for about 5 seconds while
 * that may help, because a cluster that elects a leader is back within seconds.
 * @throws Unavailable when the broker has not confirmed by then; PublishFailure when it refuses the message for good.
 */
export type PublishToConsumer = (consumer: ConsumerName, message: EventMessage) => Promise<void>

const TRIES = 20
const BETWEEN_TRIES_MILLISECONDS = 250

export const makePublishToConsumer = ({ direct, pause }: Needs): PublishToConsumer => {
  const never = new AbortController().signal

  /** Null once the message is stored; else the failure that another attempt may mend. */
  const publish = async (topic: string, message: EventMessage): Promise<PublishFailure | null> => {
    try {
      await direct.publish(topic, message)
      return null
    } catch (fault) {
      if (!(fault instanceof PublishFailure) || fault.kind === 'permanent') throw fault
      return fault
    }
  }

  return async (consumer, message) => {
    const failure = await repeatUntil(
      () => publish(directSubjectOf(consumer), message),
      (failed) => failed === null,
      TRIES,
      () => pause(BETWEEN_TRIES_MILLISECONDS, never),
    )
    if (failure !== null)
      throw new Unavailable('the broker does not confirm', 1, { cause: failure })
  }
}
