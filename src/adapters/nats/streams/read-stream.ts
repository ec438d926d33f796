import type { Consumer, JsMsg, MsgHdrs } from 'nats'
import { AckPolicy, DeliverPolicy, nanos } from 'nats'
import { Unavailable } from '../../../domain/shared/unavailable.ts'
import type { Nats } from '../connection/open-nats.ts'
import { streamApi } from './stream-api.ts'

export type Reading = {
  readonly stream: string
  /** The first sequence to read. */
  readonly first: number
  /** Reads this subject only. */
  readonly subject?: string
  readonly headersOnly?: boolean
}

const BATCH = 500
const BATCH_TIMEOUT_MS = 3000
const IDLE_MS = 30_000

/**
 * Reads what a stream holds at this moment, from a sequence on, in order. It uses an ephemeral consumer of its own, so the
 * durable consumers notice nothing. The server removes that consumer after 30 idle seconds.
 * @throws Unavailable
 */
export async function* readStream(
  nats: Pick<Nats, 'connection'>,
  reading: Reading,
): AsyncGenerator<JsMsg> {
  const { consumer, pending } = await orUnavailable(() => openReader(nats, reading))
  let left = pending
  while (left > 0) {
    const batch = await orUnavailable(() => nextBatch(consumer, Math.min(left, BATCH)))
    for (const message of batch) {
      yield message
      left = message.info.pending
    }
  }
}

const openReader = async (
  nats: Pick<Nats, 'connection'>,
  { stream, first, subject, headersOnly = false }: Reading,
) => {
  const api = await streamApi(nats)
  const { name, num_pending: pending } = await api.consumers.add(stream, {
    ack_policy: AckPolicy.None,
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: Math.max(first, 1),
    headers_only: headersOnly,
    inactive_threshold: nanos(IDLE_MS),
    mem_storage: true,
    num_replicas: 1,
    ...(subject === undefined ? {} : { filter_subject: subject }),
  })
  const consumer = await api.jetstream().consumers.get(stream, name)
  return { consumer, pending }
}

const nextBatch = async (consumer: Consumer, size: number): Promise<JsMsg[]> => {
  const messages = await consumer.fetch({ max_messages: size, expires: BATCH_TIMEOUT_MS })
  const batch: JsMsg[] = []
  for await (const message of messages) batch.push(message)
  if (batch.length === 0) throw new Unavailable('the stream sends no more messages')
  return batch
}

/** Runs the work and turns every fault into Unavailable. */
export const orUnavailable = <T>(work: () => Promise<T>): Promise<T> =>
  work().catch((cause: unknown) => {
    if (cause instanceof Unavailable) throw cause
    throw new Unavailable('the stream cannot be read', 1, { cause })
  })

/** Headers by name. Several values of one name are joined by commas. */
export const headersOf = (headers: MsgHdrs | undefined): Readonly<Record<string, string>> =>
  Object.fromEntries([...(headers ?? [])].map(([name, values]) => [name, values.join()]))
