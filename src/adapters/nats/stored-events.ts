import type { Consumer, JsMsg } from 'nats'
import { AckPolicy, DeliverPolicy, nanos } from 'nats'
import { Unavailable } from '../../domain/unavailable.ts'
import type { StoredEvents, StoredMessage } from '../../ports/driven/event-streams.ts'
import type { Nats } from './open-nats.ts'
import { findStream, streamApi } from './stream-api.ts'

type Needs = { readonly nats: Pick<Nats, 'connection'>; readonly stream: string }

const BATCH = 500
const BATCH_TIMEOUT_MS = 3000
const IDLE_MS = 30_000

/** Reads the stream of all user events beside its consumers, headers only: they notice nothing of it. The server forgets a reader that is idle. */
export const makeStoredEvents = ({ nats, stream }: Needs): StoredEvents => ({
  position: () =>
    orUnavailable(async () => {
      const found = await findStream(await streamApi(nats), stream)
      return (
        found && {
          createdAt: new Date(found.created),
          firstSequence: found.state.first_seq,
          lastSequence: found.state.last_seq,
        }
      )
    }),
  async *read(first, last) {
    const { consumer, pending } = await orUnavailable(() => openReader(nats, stream, first))
    yield* storedUpTo(last, consumer, pending)
  },
})

const openReader = async (nats: Needs['nats'], stream: string, first: number) => {
  const api = await streamApi(nats)
  const { name, num_pending: pending } = await api.consumers.add(stream, {
    ack_policy: AckPolicy.None,
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: Math.max(first, 1),
    headers_only: true,
    inactive_threshold: nanos(IDLE_MS),
    mem_storage: true,
    num_replicas: 1,
  })
  const consumer = await api.jetstream().consumers.get(stream, name)
  return { consumer, pending }
}

async function* storedUpTo(
  last: number,
  consumer: Consumer,
  pending: number,
): AsyncGenerator<StoredMessage> {
  let left = pending
  while (left > 0) {
    const batch = await orUnavailable(() => nextBatch(consumer, Math.min(left, BATCH)))
    for (const message of batch) {
      if (message.seq > last) return
      yield storedMessage(message)
      left = message.info.pending
    }
  }
}

const nextBatch = async (consumer: Consumer, size: number): Promise<JsMsg[]> => {
  const messages = await consumer.fetch({ max_messages: size, expires: BATCH_TIMEOUT_MS })
  const batch: JsMsg[] = []
  for await (const message of messages) batch.push(message)
  if (batch.length === 0) throw new Unavailable('the stream gives nothing more')
  return batch
}

const storedMessage = ({ seq, subject, headers }: JsMsg): StoredMessage => ({
  sequence: seq,
  topic: subject,
  messageId: headers?.get('Nats-Msg-Id') || null,
})

const orUnavailable = <T>(work: () => Promise<T>): Promise<T> =>
  work().catch((cause: unknown) => {
    if (cause instanceof Unavailable) throw cause
    throw new Unavailable('the stream cannot be read', 1, { cause })
  })
