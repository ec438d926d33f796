import { directSubject, STREAMS, SUBJECT_OF } from '../contract/subjects.ts'
import type { ConsumerTrouble, ConsumeUserEvents } from './consumer-options.ts'
import { completeLimits } from './consumer-options.ts'
import { makeDeadLetterPublisher } from './dead-letter-publisher.ts'
import { makeHeldMessages } from './held-messages.ts'
import { makeKeyedQueue } from './keyed-queue.ts'
import { readStream } from './read-stream.ts'
import { makeReport } from './report.ts'
import { settledWithin } from './retry.ts'
import { makeSettleDeliveries } from './settle-deliveries.ts'
import { settleExceeded } from './settle-exceeded.ts'

const FLUSH_MS = 5000
/** Draining and calls to the server end sooner. A store that does not answer the watchers may never do. */
const READERS_END_MS = 10_000

/** See `ConsumeUserEvents`. */
export const consumeUserEvents: ConsumeUserEvents = async (options) => {
  const { connection, name, version, store, handle } = options
  const { deliver = 'all' } = options
  if (deliver !== 'all' && deliver !== 'new') throw new TypeError('deliver is neither all nor new')
  const sources = [
    { stream: STREAMS.events, subject: options.subject ?? SUBJECT_OF[version], deliver },
    { stream: STREAMS.direct, subject: directSubject(name), deliver: 'all' as const },
  ]
  const limits = completeLimits(options.limits ?? {})
  const ending = new AbortController()
  const { signal } = ending
  const nowMs = () => performance.now()
  const report = makeReport(name, options.observer ?? {}, nowMs)
  const trouble = (kind: ConsumerTrouble['kind']) => (fault: unknown) => report.trouble(kind, fault)

  const held = makeHeldMessages(limits.ackWaitSeconds, trouble('cannot-acknowledge'))
  const queue = makeKeyedQueue(limits.concurrency)
  const failed = trouble('cannot-store-dead-letter')
  const deadLetters = makeDeadLetterPublisher({ connection, failed, signal })
  const shared = { connection, name, version, store, deadLetters, report, signal, nowMs }
  const deliveries = makeSettleDeliveries({ ...shared, limits, held, queue, handle })

  const watching = sources.map(({ stream }) => settleExceeded({ ...shared, stream }))
  const readers = sources.map((source) =>
    startReader((reading) =>
      readStream({
        connection,
        durable: { ...source, name, limits },
        accept: deliveries.accept,
        reading,
        failed: trouble('cannot-consume'),
        signal,
      }),
    ),
  )

  const end = async (): Promise<void> => {
    ending.abort()
    const reading = [...readers.map(({ finished }) => finished), ...watching]
    await settledWithin(READERS_END_MS, Promise.all(reading))
    await queue.close()
    await deliveries.deadLettersSent()
    held.giveBack()
    if (connection.isClosed()) return
    await settledWithin(FLUSH_MS, connection.flush().catch(trouble('cannot-acknowledge')))
  }
  let stopped: Promise<void> | null = null
  const stop = () => {
    stopped ??= end()
    return stopped
  }
  void connection.closed().then((fault) => {
    if (stopped === null) report.trouble('connection-closed', fault ?? new Error('closed'))
    return stop()
  })
  return { ready: whenReading(readers), stop }
}

type Reader = { readonly started: Promise<boolean>; readonly finished: Promise<void> }

const startReader = (start: (reading: () => void) => Promise<void>): Reader => {
  let finished = Promise.resolve()
  const started = new Promise<boolean>((resolve) => {
    finished = start(() => resolve(true)).finally(() => resolve(false))
  })
  return { started, finished }
}

const whenReading = (readers: readonly Reader[]): Promise<void> => {
  const ready = Promise.all(readers.map(({ started }) => started)).then((all) => {
    if (!all.every(Boolean)) throw new Error('stopped before anything was read')
  })
  // The caller may ignore `ready`, so its rejection must not count as unhandled.
  ready.catch(() => {})
  return ready
}
