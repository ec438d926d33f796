import { PublishFailure } from '../../domain/events/publish-failure.ts'
import type {
  DroppedObserver,
  DroppedReason,
  EventMessage,
  EventPublisher,
  Receipt,
} from '../../ports/driven/events/event-publisher.ts'

export type InProcessPublisherNeeds = {
  /** Receives each message once, in the order of the sequence. Must not throw. */
  readonly onMessage: (topic: string, message: EventMessage) => void
  readonly onDropped: DroppedObserver
  /** Monotonic milliseconds. */
  readonly now?: () => number
}

const STREAM = 'in-process'
const MOST_IN_FLIGHT = 1000
const MAXIMUM_BYTES = 64 * 1024
const DUPLICATE_WINDOW_MS = 5 * 60_000
const REMEMBERED_IDS = 100_000

/** Publishes to a broker inside this process, for development and tests. The messages are lost when the process ends. */
export const makeInProcessPublisher = (needs: InProcessPublisherNeeds): EventPublisher => {
  const { onMessage, onDropped, now = () => performance.now() } = needs
  const recent = makeRecentIds(now)
  const inFlight = new Set<Promise<void>>()
  let sequence = 0
  let isClosed = false

  const store = (topic: string, message: EventMessage): Receipt => {
    const id = message.headers['Nats-Msg-Id']
    const known = id === undefined ? null : recent.sequenceOf(id)
    if (known !== null) return { stream: STREAM, sequence: known, duplicate: true }
    sequence += 1
    if (id !== undefined) recent.remember(id, sequence)
    onMessage(topic, message)
    return { stream: STREAM, sequence, duplicate: false }
  }

  /** @throws PublishFailure for a message that will certainly not be stored. */
  const assertSendable = (message: EventMessage, signal?: AbortSignal): void => {
    if (isClosed) throw new PublishFailure('retryable', 'the publisher is closed')
    if (signal?.aborted) throw new PublishFailure('retryable', 'aborted before sending')
    if (message.body.byteLength > MAXIMUM_BYTES)
      throw new PublishFailure('permanent', 'the message is larger than 64 KiB')
  }

  const send = async (topic: string, message: EventMessage): Promise<Receipt> => {
    // As with a real broker, the message is not stored yet when the caller has its promise.
    await Promise.resolve()
    return store(topic, message)
  }

  const track = (sending: Promise<unknown>): void => {
    const forget = () => {
      inFlight.delete(settled)
    }
    const settled: Promise<void> = sending.then(forget, forget)
    inFlight.add(settled)
  }

  const drop = (topic: string, reason: DroppedReason) =>
    queueMicrotask(() => onDropped(topic, reason))

  return {
    publish: async (topic, message, { signal } = {}) => {
      assertSendable(message, signal)
      const sending = send(topic, message)
      track(sending)
      const receipt = await sending
      if (signal?.aborted) throw new PublishFailure('ambiguous', 'aborted after sending')
      return receipt
    },
    publishAsync: (topic, message) => {
      if (isClosed) return drop(topic, 'closed')
      if (inFlight.size >= MOST_IN_FLIGHT) return drop(topic, 'overflow')
      try {
        assertSendable(message)
        track(send(topic, message))
      } catch (failure) {
        drop(topic, failure instanceof PublishFailure ? failure.kind : 'permanent')
      }
    },
    close: async () => {
      isClosed = true
      await Promise.all(inFlight)
    },
  }
}

/** Which message ids were stored lately, and with which sequence. */
type RecentIds = {
  sequenceOf(id: string): number | null
  remember(id: string, sequence: number): void
}

/** The duplicate window of a stream: five minutes, and at most 100 000 ids. */
const makeRecentIds = (now: () => number): RecentIds => {
  const stored = new Map<string, { readonly sequence: number; readonly at: number }>()
  return {
    sequenceOf: (id) => {
      const entry = stored.get(id)
      return entry !== undefined && now() - entry.at < DUPLICATE_WINDOW_MS ? entry.sequence : null
    },
    remember: (id, sequence) => {
      stored.delete(id)
      stored.set(id, { sequence, at: now() })
      // The ids are ordered by age, so the first one that still counts ends the loop.
      for (const [oldest, { at }] of stored) {
        if (stored.size <= REMEMBERED_IDS && now() - at < DUPLICATE_WINDOW_MS) break
        stored.delete(oldest)
      }
    },
  }
}
