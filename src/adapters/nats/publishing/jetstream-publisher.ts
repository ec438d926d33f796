import type { Msg, MsgHdrs, NatsConnection } from 'nats'
import { MsgHdrsImpl } from 'nats'
import { PublishFailure } from '../../../domain/events/publish-failure.ts'
import type {
  DroppedObserver,
  EventMessage,
  EventPublisher,
  Receipt,
} from '../../../ports/driven/events/event-publisher.ts'
import type { Pause } from '../../../ports/driven/shared/clock.ts'
import type { Nats } from '../connection/open-nats.ts'
import { readAcknowledgement } from './publish-acknowledgement.ts'
import { failedInClient } from './publish-errors.ts'

type Needs = {
  readonly nats: Pick<Nats, 'connection'>
  /** Only the acknowledgement of this stream counts. */
  readonly stream: string
  /** How long to wait for the acknowledgement. */
  readonly timeoutMs: number
  /** How long `close` waits for what is in flight. */
  readonly closeWithinMs: number
  readonly onDropped: DroppedObserver
  readonly pause: Pause
}

const ASYNC_IN_FLIGHT = 1000

/**
 * Publishes to JetStream. It never buffers a message: without a connection a message is refused at once, and a message that
 * was sent on a connection which then ended counts as perhaps stored.
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

  const publishAndReport = async (topic: string, message: EventMessage): Promise<void> => {
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
      else void publishAndReport(topic, message)
    },
    async close() {
      closed = true
      await inFlight.settle(closeWithinMs, pause)
    },
  }
}

/** Tokens of visible ASCII without wildcards. Other characters would break the protocol's line or match other subjects. */
const LITERAL_SUBJECT = /^[!-)+-\-/-=?-~]+(\.[!-)+-\-/-=?-~]+)*$/

/**
 * Sends one message and resolves with the server's answer.
 * @throws PublishFailure
 */
const requestStorage = async (
  connection: NatsConnection,
  topic: string,
  { headers: fields, body }: EventMessage,
  timeoutMs: number,
): Promise<Msg> => {
  if (!LITERAL_SUBJECT.test(topic)) throw new PublishFailure('permanent', `${topic} is no subject`)
  const headers = encodeHeaders(fields)
  try {
    return await connection.request(topic, body, { timeout: timeoutMs, headers })
  } catch (fault) {
    throw failedInClient(fault)
  }
}

const LINE_END = /[\r\n]/

/**
 * Makes a headers object for each message, because the client keeps a reference to it until the bytes leave. It is made
 * from a record in one step: adding headers one by one compares each name with all names before it.
 */
const encodeHeaders = (fields: EventMessage['headers']): MsgHdrs => {
  const record: Record<string, string[]> = {}
  for (const [name, value] of Object.entries(fields)) {
    if (LINE_END.test(name) || LINE_END.test(value))
      throw new PublishFailure('permanent', 'a header has more than one line')
    record[name] = [value]
  }
  return MsgHdrsImpl.fromRecord(record)
}

type Sent = { readonly settled: Promise<void>; readonly abandon: () => void }

/** The messages that were sent and are not answered yet. */
const makeInFlight = () => {
  const all = new Set<Sent>()

  return {
    /** Settles like `work`, or with an ambiguous failure as soon as the signal aborts. */
    add<T>(work: Promise<T>, signal?: AbortSignal): Promise<T> {
      let abandon = () => {}
      const outcome = new Promise<T>((resolve, reject) => {
        abandon = () => reject(new PublishFailure('ambiguous', 'aborted after sending'))
        signal?.addEventListener('abort', abandon)
        work.then(resolve, reject)
      })
      const settled = outcome.then(ignore, ignore).then(() => {
        signal?.removeEventListener('abort', abandon)
        all.delete(sent)
      })
      const sent: Sent = { settled, abandon }
      all.add(sent)
      return outcome
    },
    /** Resolves when all messages are settled. After `withinMs` milliseconds the remaining ones fail as ambiguous. */
    async settle(withinMs: number, pause: Pause): Promise<void> {
      const settled = new AbortController()
      const everything = Promise.all([...all].map((sent) => sent.settled))
      void everything.then(() => settled.abort())
      await pause(withinMs, settled.signal)
      for (const { abandon } of all) abandon()
      await everything
    },
  }
}

const ignore = () => {}
