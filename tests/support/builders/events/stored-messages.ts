import type { ConnectionOptions, JetStreamManager } from 'nats'
import { AckPolicy, connect, DeliverPolicy } from 'nats'
import type { EventMessage } from '../../../../src/ports/driven/events/event-publisher.ts'

export const givenMessage = (id: string, text = '{"ü":1}'): EventMessage => ({
  headers: { 'Nats-Msg-Id': id, 'ce-id': id },
  body: new TextEncoder().encode(text),
})

export type FoundMessage = {
  readonly subject: string
  readonly sequence: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** Stored messages arrive at once. A shorter wait would take a pause of the server for the end of the stream. */
const PATIENCE_MS = 30_000

/**
 * Everything that a stream holds from the sequence `first` on, read with the client library only and no code of the service.
 */
export const storedMessages = (
  connection: ConnectionOptions,
  stream: string,
  first = 1,
): Promise<FoundMessage[]> =>
  withJetStream(connection, async (api) => {
    const { name, num_pending: pending } = await api.consumers.add(stream, {
      ack_policy: AckPolicy.None,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: first,
    })
    if (pending === 0) return []
    const consumer = await api.jetstream().consumers.get(stream, name)
    const found: FoundMessage[] = []
    for await (const message of await consumer.fetch({
      max_messages: pending,
      expires: PATIENCE_MS,
    }))
      found.push({
        subject: message.subject,
        sequence: message.seq,
        headers: Object.fromEntries(
          [...(message.headers ?? [])].map(([header, values]) => [header, values.join()]),
        ),
        body: message.data,
      })
    return found
  })

/** Does the work with JetStream's management API on a connection of its own. */
export const withJetStream = async <T>(
  options: ConnectionOptions,
  work: (api: JetStreamManager) => Promise<T>,
): Promise<T> => {
  const connection = await connect(options)
  try {
    return await work(await connection.jetstreamManager())
  } finally {
    await connection.close()
  }
}
