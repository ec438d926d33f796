import { PublishFailure } from '../../../domain/events/publish-failure.ts'
import type {
  DroppedObserver,
  EventMessage,
  EventPublisher,
  Receipt,
} from '../../../ports/driven/events/event-publisher.ts'
import type { Pause } from '../../../ports/driven/shared/clock.ts'
import type { Nats } from '../connection/open-nats.ts'
import { makeInFlight } from './in-flight.ts'
import { readAcknowledgement } from './publish-acknowledgement.ts'
import { requestStorage } from './request-storage.ts'

type Needs = {
  readonly nats: Pick<Nats, 'connection'>
  /** Whose acknowledgement counts. */
  readonly stream: string
  /** How long to wait for it. */
  readonly timeoutMs: number
  /** How long `close` waits for what is in flight. */
  readonly closeWithinMs: number
  readonly onDropped: DroppedObserver
  readonly pause: Pause
}

const ASYNC_IN_FLIGHT = 1000

/**
 * Publishes to JetStream. Nothing is ever buffered: without a connection a message is refused at once, and what was
 * sent on a connection that ends counts as perhaps stored.
 */
export const makeJetStreamPublisher = (needs: Needs): EventPublisher => {
  const { nats, stream, timeoutMs, closeWithinMs, onDropped, pause } = needs
  const inFlight = makeInFlight()
  let closed = false
  let asyncInFlight = 0

  const publish = async (
    topic: string,
    message: EventMessage,
    signal?: AbortSignal,
  ): Promise<Receipt> => {
    if (closed) throw new PublishFailure('retryable', 'the publisher is closed')
    if (signal?.aborted) throw new PublishFailure('retryable', 'aborted before sending')
    const connection = nats.connection()
    if (connection === null) throw new PublishFailure('retryable', 'not connected')
    const { data } = await inFlight.add(
      requestStorage(connection, topic, message, timeoutMs),
      signal,
    )
    return readAcknowledgement(data, stream)
  }

  const publishAndForget = async (topic: string, message: EventMessage): Promise<void> => {
    asyncInFlight += 1
    try {
      await publish(topic, message)
    } catch (fault) {
      onDropped(topic, fault instanceof PublishFailure ? fault.kind : 'ambiguous')
    } finally {
      asyncInFlight -= 1
    }
  }

  return {
    publish: (topic, message, options) => publish(topic, message, options?.signal),
    publishAsync(topic, message) {
      if (closed) onDropped(topic, 'closed')
      else if (asyncInFlight >= ASYNC_IN_FLIGHT) onDropped(topic, 'overflow')
      else void publishAndForget(topic, message)
    },
    async close() {
      closed = true
      await inFlight.settle(closeWithinMs, pause)
    },
  }
}
