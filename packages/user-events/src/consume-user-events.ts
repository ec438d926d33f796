import { checkedLimits } from './checked-limits.ts'
import type { ConsumerTrouble, ConsumeUserEvents } from './consumer.ts'
import { makeDeadLetterOffice } from './dead-letter-office.ts'
import { makeHeldMessages } from './held-messages.ts'
import { makeLanes } from './lanes.ts'
import { makeObserve } from './observe.ts'
import { settledWithin } from './pause.ts'
import { readStream } from './read-stream.ts'
import { makeSettleDeliveries } from './settle-deliveries.ts'
import { makeSettleExceeded } from './settle-exceeded.ts'
import { directSubject, STREAMS, SUBJECT_OF } from './subjects.ts'
import { watchDeliveries } from './watch-deliveries.ts'

const FLUSH_MS = 5000

export const consumeUserEvents: ConsumeUserEvents = async (options) => {
  const { connection, name, version, store, handle } = options
  const sources = [
    { stream: STREAMS.events, subject: options.subject ?? SUBJECT_OF[version] },
    { stream: STREAMS.direct, subject: directSubject(name) },
  ]
  const limits = checkedLimits(options.limits ?? {})
  const ending = new AbortController()
  const { signal } = ending
  const nowMs = () => performance.now()
  const observe = makeObserve(name, options.observer ?? {}, nowMs)
  const trouble = (kind: ConsumerTrouble['kind']) => (fault: unknown) =>
    observe.trouble(kind, fault)

  const held = makeHeldMessages(limits.ackWaitSeconds, trouble('cannot-acknowledge'))
  const lanes = makeLanes(limits.concurrency)
  const failed = trouble('cannot-store-dead-letter')
  const office = makeDeadLetterOffice({ connection, failed, signal })
  const shared = { connection, name, version, store, office, observe, signal, nowMs }
  const deliveries = makeSettleDeliveries({ ...shared, limits, held, lanes, handle })

  const settle = makeSettleExceeded(shared)
  const watching = sources.map(({ stream }) => watchDeliveries({ ...shared, stream, settle }))
  const readers = sources.map((source) =>
    startReading((reading) =>
      readStream({
        ...shared,
        durable: { ...source, name, limits },
        accept: deliveries.accept,
        failed: trouble('cannot-consume'),
        reading,
      }),
    ),
  )

  const end = async (): Promise<void> => {
    ending.abort()
    await Promise.all([...readers.map(({ finished }) => finished), ...watching])
    await lanes.close()
    await deliveries.lettersSent()
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
    if (stopped === null) observe.trouble('connection-closed', fault ?? new Error('closed'))
    return stop()
  })
  return { ready: whenReading(readers), stop }
}

type Reader = { readonly begun: Promise<boolean>; readonly finished: Promise<void> }

const startReading = (start: (reading: () => void) => Promise<void>): Reader => {
  let finished = Promise.resolve()
  const begun = new Promise<boolean>((resolve) => {
    finished = start(() => resolve(true)).finally(() => resolve(false))
  })
  return { begun, finished }
}

const whenReading = (readers: readonly Reader[]): Promise<void> => {
  const ready = Promise.all(readers.map(({ begun }) => begun)).then((all) => {
    if (!all.every(Boolean)) throw new Error('stopped before anything was read')
  })
  // Nobody has to ask for it.
  ready.catch(() => {})
  return ready
}
